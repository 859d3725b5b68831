using System.Diagnostics;
using TeeIo.Cli.LinuxFlow;

namespace TeeIo.Kernel.Tests;

/// <summary>The bytes that a guest starts from are those of the source beside them.</summary>
public sealed class FirmwareTests
{
    [Fact]
    public void The_firmware_is_what_its_source_assembles_to()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("teeio-firmware-");
        try
        {
            string code = Path.Combine(folder.FullName, "firmware.o");
            string image = Path.Combine(folder.FullName, "firmware.bin");
            if (!TryRun("as", "--32", "-o", code, Path.Combine(Rig.Root, "sdk", "TeeIo.Cli", "LinuxFlow", "Firmware.S"))) Assert.Skip("there is no assembler here: install binutils");
            Assert.True(TryRun("objcopy", "-O", "binary", "-j", ".text", code, image));
            Assert.Equal(File.ReadAllBytes(image), Firmware.Image);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
