using System.Runtime.InteropServices;

namespace TeeIo.Linux;

/// <summary>The C library's calls that <see cref="LinuxTransport"/> is made of. Their constants are those of x86-64 and arm64, which agree.</summary>
internal static unsafe partial class Libc
{
    /// <summary>open: read and write.</summary>
    public const int ReadWrite = 2;

    /// <summary>open: not for programs that this one starts.</summary>
    public const int CloseOnExec = 1 << 19;

    /// <summary>mmap: read and write.</summary>
    public const int ProtectReadWrite = 3;

    /// <summary>mmap: what is written is the file's.</summary>
    public const int MapShared = 1;

    /// <summary>mmap: of no file.</summary>
    public const int MapAnonymous = 1 << 5;

    /// <summary>memfd_create: not for programs that this one starts.</summary>
    public const uint MemoryCloseOnExec = 1;

    /// <summary>poll: there is something to read.</summary>
    public const short PollIn = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int fd, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(int fd, void* destination, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(int fd, void* source, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Receive(int fd, void* destination, nuint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Send(int fd, void* source, nuint count);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint count, int flags);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemoryFd(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int fd, long length);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Fd;
        public short Events;
        public short Found;
    }
}
