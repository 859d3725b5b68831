using System.Globalization;
using TeeIo.Boundaries;

namespace TeeIo.Kernel.Guest;

/// <summary>The kernel's fault injection: lets the n-th allocation that the calling thread causes fail (Documentation/fault-injection). Its files must have been set up once.</summary>
internal sealed class FailNth : IDisposable
{
    private readonly Fd _file;

    public FailNth()
    {
        SysResult opened = Iommu.Linux.Open("/proc/thread-self/fail-nth");
        Assert.True(opened.IsOk, $"fail-nth: {opened}");
        _file = new Fd((int)opened.Value);
    }

    /// <summary>Lets allocations fail that may wait, and says nothing about each.</summary>
    public static void SetUp()
    {
        File.WriteAllText("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
        foreach (string folder in Directory.GetDirectories("/sys/kernel/debug", "fail*")) File.WriteAllText(Path.Combine(folder, "verbose"), "0");
    }

    /// <summary>Makes a call of which the <paramref name="nth"/> allocation fails.</summary>
    /// <param name="nth">From 1.</param>
    /// <param name="call">The call; nothing else must allocate in it.</param>
    /// <param name="wasUsed">Whether there were that many.</param>
    public SysResult Invoke(int nth, Func<SysResult> call, out bool wasUsed)
    {
        Write(nth);
        SysResult result = call();

        // What is left of the count; 0 if the failure has been used. Reading it and writing it allocate as well, and so may be what fails.
        byte[] left = new byte[16];
        SysResult read = Iommu.Linux.Read(_file, 0, left);
        wasUsed = read.IsOk && left[0] == '0';
        Span<byte> zero = [(byte)'0'];
        if (!Iommu.Linux.Write(_file, 0, zero).IsOk) Assert.True(Iommu.Linux.Write(_file, 0, zero).IsOk, "fail-nth can't be switched off");
        return result;
    }

    public void Dispose() => Iommu.Linux.Close(_file);

    private void Write(int nth)
    {
        Span<byte> text = stackalloc byte[16];
        Assert.True(nth.TryFormat(text, out int length, default, CultureInfo.InvariantCulture));
        Assert.True(Iommu.Linux.Write(_file, 0, text[..length]).IsOk, "fail-nth can't be switched on");
    }
}
