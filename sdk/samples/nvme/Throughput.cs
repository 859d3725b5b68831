using System.Diagnostics;

namespace Nvme;

/// <summary>How fast this driver is, beside the kernel's on a disk of the same make. All of it is about the disks' first MiB, to and from the same place in memory, so that writes change nothing.</summary>
internal sealed class Throughput(Disk polled, Disk interrupted, DmaMemory data, KernelDisk? kernel)
{
    private const int Rounds = 9;
    private const ulong Transfers = 64;
    private const double Mebi = 1 << 20;

    /// <summary>The last one is the longest that the kernel's driver puts into one command behind an IOMMU (queue/max_hw_sectors_kb).</summary>
    private static readonly ulong[] s_sizes = [4 << 10, 32 << 10, 128 << 10];


    /// <summary>Measures, all in turn so that what disturbs one disturbs the others, and writes a table: MiB/s, one command at a time, median of the rounds.</summary>
    public void Print(TextWriter output)
    {
        List<(string Name, Action<NvmeOpcode, ulong, ulong> Transfer)> drivers = [("polling", Of(polled)), ("interrupt", Of(interrupted))];
        if (kernel is not null) drivers.Add(("kernel", kernel.Transfer));
        ulong area = data.Memory.Length;
        foreach ((_, Action<NvmeOpcode, ulong, ulong> transfer) in drivers)
            for (ulong at = 0; at < area; at += s_sizes[^1]) transfer(NvmeOpcode.Read, at, s_sizes[^1]);

        output.WriteLine($"MiB/s      {string.Concat(drivers.Select(d => $"{d.Name,12}"))}{(kernel is null ? "" : "   polling/kernel interrupt/kernel")}");
        foreach (NvmeOpcode opcode in (NvmeOpcode[])[NvmeOpcode.Read, NvmeOpcode.Write])
        {
            foreach (ulong size in s_sizes)
            {
                double[][] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => drivers.Select(d => Rate(d.Transfer, opcode, size, area)).ToArray())];
                double[] rates = [.. drivers.Select((_, i) => rounds.Select(r => r[i]).Order().ElementAt(Rounds / 2))];
                string ratios = kernel is null ? "" : $"{rates[0] / rates[^1],17:0.00}{rates[1] / rates[^1],17:0.00}";
                output.WriteLine($"{opcode,-5}{size >> 10,4} KiB{string.Concat(rates.Select(r => $"{r,12:0.0}"))}{ratios}");
            }
        }
    }

    private static double Rate(Action<NvmeOpcode, ulong, ulong> transfer, NvmeOpcode opcode, ulong size, ulong area)
    {
        long begin = Stopwatch.GetTimestamp();
        for (ulong i = 0; i < Transfers; i++) transfer(opcode, i * size % area, size);
        return Transfers * size / Mebi / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private Action<NvmeOpcode, ulong, ulong> Of(Disk disk) => (opcode, at, size) =>
    {
        if (opcode == NvmeOpcode.Read) disk.Read(at / disk.BlockSize, data, at, size);
        else disk.Write(at / disk.BlockSize, data, at, size);
    };
}
