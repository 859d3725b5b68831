namespace TeeIo.Cli.LinuxFlow;

/// <summary>The assembled Firmware.S: one page that ends at 4 GiB, where a processor starts.</summary>
internal static class Firmware
{
    private const int Size = 4096;
    private const int ResetVector = Size - 16;

    private const string Code = """
        FA2E660F0116E0F00F20C06683C8010F22C066EA1AF0FFFF080066B810008ED88EC08ED0B80C000000BB00100000B901
        00000031D20F01D9E670A1001000008B0D0410000083F801741C83F802742483F803744783F804744683F80575DA0F01
        1DE6F0FFFFCC8B3508100000BFC0100000EB0BBEC01000008B3D08100000FCF7C103000000740D83F9027404F3A4EBA8
        66A5EBA4C1E902F3A5EB9DE672EB99A1C01000008B1DC41000008B0DC81000008B15CC1000000F01D9A3C0100000E975
        FFFFFF00000000000000000000000000FFFF0000009BCF00FFFF00000093CF001700C8F0FFFF000000000000
        """;

    // jmp start
    private const string Reset = "E90DF0";

    /// <summary>The page.</summary>
    public static byte[] Image { get; } = Make();

    private static byte[] Make()
    {
        byte[] image = new byte[Size];
        Convert.FromHexString(Code.ReplaceLineEndings("")).CopyTo(image, 0);
        Convert.FromHexString(Reset).CopyTo(image, ResetVector);
        return image;
    }
}
