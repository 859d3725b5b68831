using System.Globalization;
using TeeIo.Flow;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>Writes a line for each call that a script makes: what went in, how it ended, what came back. Descriptors are named in the order in which they were opened, since each kernel
/// counts them in its own way; object ids, addresses and all else stand as they are.</summary>
internal sealed class Transcriber : ICrossingObserver
{
    private static readonly HashSet<string> s_makers = ["KVM_CREATE_VM", "KVM_CREATE_VCPU", "KVM_CREATE_GUEST_MEMFD", "VFIO_DEVICE_FEATURE_DMA_BUF"];
    private readonly Dictionary<int, string> _names = [];
    private int _opened;

    public List<string> Lines { get; } = [];

    public void Opened(Crossing crossing)
    {
        // A call is one line, written when it has ended.
    }

    public void Closed(Crossing crossing)
    {
        bool isSuccess = crossing.IsSuccess;
        string inputs = string.Concat(crossing.Call.Arguments.Where(a => a.IsInput).Select(a => Show(crossing, a, isResult: false)));
        string outcome = isSuccess && s_makers.Contains(crossing.Call.Name) ? Name((int)crossing.Outcome) : CrossingArguments.DescribeOutcome(crossing);
        string outputs = string.Concat(crossing.Call.Arguments.Where(a => a.IsOutput).Select(a => Show(crossing, a, isResult: true)));
        Add(crossing.Call.Name + inputs, outcome + outputs);
    }

    /// <summary>Adds a line.</summary>
    public void Add(string what, string outcome) => Lines.Add($"{what} -> {outcome}");

    /// <summary>Names a descriptor that was opened.</summary>
    public string Name(int fd) => _names[fd] = string.Create(CultureInfo.InvariantCulture, $"fd{++_opened}");

    /// <summary>The name of a descriptor; its number, where it was never opened.</summary>
    public string NameOf(int fd) => _names.TryGetValue(fd, out string? name) ? name : fd.ToString(CultureInfo.InvariantCulture);

    private string Show(Crossing crossing, ArgumentInfo argument, bool isResult)
    {
        // What a call writes where it reads before is read from what went in.
        ArgumentInfo side = argument with { IsOutput = isResult };
        if (!CrossingArguments.TryRead(crossing, side, out ulong value)) return $" {argument.Name}=?";
        if (IsDescriptor(argument.Name)) return $" {argument.Name}={(isResult && crossing.IsSuccess ? Name((int)value) : NameOf((int)value))}";
        string shown = argument.Format switch
        {
            ArgumentFormat.Names => argument.Names?.Format(value) ?? value.ToString(CultureInfo.InvariantCulture),
            ArgumentFormat.Number when value < 1 << 20 => value.ToString(CultureInfo.InvariantCulture),
            _ => "0x" + value.ToString("x", CultureInfo.InvariantCulture),
        };
        return $" {argument.Name}={shown}";
    }

    public static bool IsDescriptor(string name) => name is "file" or "iommufd" or "guest_memfd" || name.EndsWith("fd", StringComparison.Ordinal);
}
