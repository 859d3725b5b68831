using TeeIo.Boundaries;
using TeeIo.Guest;

namespace TeeIo.Cli.Tests.Attestation;

/// <summary>A guest's machine whose shared memory a host changes.</summary>
internal sealed class ForgedMachine(GuestMachine machine, EvidenceForger forger) : GuestMachine
{
    public override string Name => machine.Name;

    public override int Index => machine.Index;

    public override TimeProvider Time => machine.Time;

    public override ModelRegisterTransport Instructions => machine.Instructions;

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        bool isRead = machine.TryRead(gpa, destination, isPrivate);
        if (isRead && !isPrivate) forger.Pass(destination);
        return isRead;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate) => machine.TryWrite(gpa, source, isPrivate);

    public override ulong AllocatePages(int count, bool isPrivate) => machine.AllocatePages(count, isPrivate);

    public override void FreePages(ulong gpa, int count) => machine.FreePages(gpa, count);

    public override uint ReadConfig(ushort requesterId, int offset, int size) => machine.ReadConfig(requesterId, offset, size);

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value) => machine.WriteConfig(requesterId, offset, size, value);

    public override void Sleep(TimeSpan duration) => machine.Sleep(duration);
}
