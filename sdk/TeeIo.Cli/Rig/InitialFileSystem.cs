using System.Globalization;
using System.Text;

namespace TeeIo.Cli.Rig;

/// <summary>Writes the archive that a kernel unpacks into its first file system (cpio "newc": Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
internal sealed class InitialFileSystem : IDisposable
{
    private const uint Folder = 0x41ED;
    private const uint Program = 0x81ED;
    private readonly Stream _stream;
    private uint _count;

    public InitialFileSystem(Stream stream) => _stream = stream;

    public void AddFolder(string path) => Add(path, Folder, []);

    /// <summary>Adds a file that may be run.</summary>
    /// <param name="path">Its path, without the first slash.</param>
    /// <param name="content">What is in it.</param>
    public void AddProgram(string path, ReadOnlySpan<byte> content) => Add(path, Program, content);

    public void Dispose() => Add("TRAILER!!!", 0, []);

    private void Add(string path, uint mode, ReadOnlySpan<byte> content)
    {
        byte[] name = [.. Encoding.ASCII.GetBytes(path), 0];
        uint[] header = [++_count, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, 0, 0, (uint)name.Length, 0];
        _stream.Write("070701"u8);
        foreach (uint field in header) _stream.Write(Encoding.ASCII.GetBytes(field.ToString("X8", CultureInfo.InvariantCulture)));
        _stream.Write(name);
        Align(6 + (8 * header.Length) + name.Length);
        _stream.Write(content);
        Align(content.Length);
    }

    private void Align(int length) => _stream.Write(stackalloc byte[-length & 3]);
}
