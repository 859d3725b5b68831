using System.Runtime.InteropServices;

namespace TeeIo.Kernel.Guest;

/// <summary>Takes a thread's privileges away (capset(2)): what the kernel refuses to others is shown so.</summary>
internal static class Capabilities
{
    private const uint Version3 = 0x2008_0522;

    /// <summary>Runs <paramref name="action"/> on a thread of its own that has no capabilities.</summary>
    public static void Without(Action action)
    {
        Exception? problem = null;
        Thread thread = new(() =>
        {
            try
            {
                Header header = new() { Version = Version3 };
                Set none = default;
                Assert.Equal(0, Capset(ref header, ref none));
                action();
            }
            catch (Exception e)
            {
                problem = e;
            }
        });
        thread.Start();
        thread.Join();
        if (problem is not null) throw new CaseFailedException(problem.Message);
    }

    [DllImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static extern int Capset(ref Header header, ref Set set);

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public uint Version;
        public int Pid;
    }

    /// <summary>Effective, permitted and inheritable capabilities, twice 32 of each.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Set
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;
        public uint EffectiveHigh;
        public uint PermittedHigh;
        public uint InheritableHigh;
    }
}
