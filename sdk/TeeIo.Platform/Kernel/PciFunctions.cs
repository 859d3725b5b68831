using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.PciCore;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Vfio;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel;

/// <summary>The functions on the bus, and what takes one from its user. It is the last to look: a bound function isn't touched, whoever asks.</summary>
internal sealed class PciFunctions : IPciFunctionOps
{
    private readonly Dictionary<TsmFunction, IPciFunction> _functions = [];

    public void Add(TsmFunction tsm, IPciFunction function) => _functions.Add(tsm, function);

    public bool Contains(TsmFunction tsm) => _functions.ContainsKey(tsm);

    /// <summary>All functions on the bus of <paramref name="function"/>, itself included; none where it is gone.</summary>
    public IReadOnlyList<TsmFunction> OnBusOf(TsmFunction function) =>
        Contains(function) ? [.. _functions.Keys.Where(f => f.Address.RequesterId >> 8 == function.Address.RequesterId >> 8)] : [];

    /// <summary>Whether a function is bound, or one that a physical function takes along.</summary>
    public bool IsInUse(TsmFunction function) => _functions.Keys.Any(f => f.Tdi is not null && (f == function || f.Dsm == function));

    public SysResult Reset(TsmFunction function, ResetKind kind)
    {
        SysResult found = Find(function, out IPciFunction hardware);
        if (!found.IsOk) return found;
        hardware.Reset();
        function.NeedsReset = false;
        return SysResult.Ok;
    }

    public SysResult SetPowerState(TsmFunction function, uint state)
    {
        SysResult found = Find(function, out IPciFunction hardware, mayBeBound: state == (uint)PowerState.D0);
        if (!found.IsOk) return found;
        if (Capabilities.Find(hardware, CapabilityId.Pm) is not { } power) return Errno.EINVAL;
        int register = power + (int)PowerRegister.Ctrl;
        uint control = hardware.ReadConfig(register, sizeof(ushort)) & ~(uint)ConfigSpaceConstants.PowerStateMask;
        hardware.WriteConfig(register, sizeof(ushort), control | (state & ConfigSpaceConstants.PowerStateMask));
        return SysResult.Ok;
    }

    public SysResult Disable(TsmFunction function, ushort command)
    {
        SysResult found = Find(function, out IPciFunction hardware);
        if (found.IsOk) hardware.WriteConfig((int)ConfigRegister.Command, sizeof(ushort), command);
        return found;
    }

    public SysResult Remove(TsmFunction function)
    {
        SysResult found = Find(function, out _);
        if (found.IsOk) _functions.Remove(function);
        return found;
    }

    private SysResult Find(TsmFunction function, out IPciFunction hardware, bool mayBeBound = false)
    {
        if (!_functions.TryGetValue(function, out hardware!)) return Errno.ENODEV;
        return mayBeBound || !IsInUse(function) ? SysResult.Ok : Errno.EBUSY;
    }
}
