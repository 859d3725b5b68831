using System.Globalization;
using TeeIo.Linux.Vfio;

namespace TeeIo.Flow.Ftrace;

/// <summary>Which device an event is about: a VFIO file is the device that was bound through it, until it is closed, and an id of IOMMUFD the device that it was made for.</summary>
internal sealed class DeviceNames
{
    private const string File = "file";
    private const string Device = "device";
    private const int Devices = 32;
    private const int Functions = 8;
    private readonly Dictionary<ulong, string> _byFile = [];
    private readonly Dictionary<(string Kind, ulong Id), string?> _byId = [];
    private readonly List<string> _names = [];

    /// <summary>The devices that were bound, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The function that an event names: its requester id, or the kernel's pointer where the name is no PCI address; null where it names none.</summary>
    public static ulong? IdOf(FtraceEvent e)
    {
        if (e.Text(Device) is { } name && RequesterId(name) is { } id) return id;
        return e.TryGetNumber("dev", out ulong pointer) ? pointer : null;
    }

    /// <summary>Takes note of an event that is no call: a device that is bound, or a file that is closed.</summary>
    /// <param name="e">The event.</param>
    /// <param name="within">The calls that enclose it, the innermost first.</param>
    public void Note(FtraceEvent e, IEnumerable<FtraceEvent> within)
    {
        if (e.Name == "vfio_close" && e.TryGetNumber(File, out ulong closed)) _byFile.Remove(closed);
        if (e.Name != "device_bind" || e.Text(Device) is not { } name) return;
        if (!_names.Contains(name)) _names.Add(name);
        if (within.FirstOrDefault(w => w.Name == "vfio") is { } vfio && vfio.TryGetNumber(File, out ulong file)) _byFile[file] = name;
    }

    /// <summary>The device that an event is about, as far as it can be told when it begins; null where it is about none or several.</summary>
    public string? SubjectOf(FtraceEvent e)
    {
        if (e.Name == "vfio" && e.TryGetNumber(File, out ulong file)) return _byFile.GetValueOrDefault(file);
        return e.Text(Device) is { } name && _names.Contains(name) ? name : null;
    }

    /// <summary>Names the device of a call that has ended, where only now it can be told, and remembers the ids that were made for it.</summary>
    public void Attribute(OpenCall call)
    {
        if (call.Crossings is not [var crossing, ..]) return;
        string? subject = crossing.Subject ?? SubjectOf(call.Begun) ?? ById(crossing);

        // What several devices can share is nobody's alone: a page table, an address space, a vIOMMU.
        if (crossing.Call.Arguments.Any(a => a is { IsOutput: true, IsInput: false } && a.Name.StartsWith("out_", StringComparison.Ordinal) && Kind(a) is not ("dev" or "vdevice"))) subject = null;
        foreach (Crossing each in call.Crossings) each.Subject = subject;
        if (!crossing.IsSuccess) return;

        // Each IOMMUFD counts its ids by itself: one that was given twice, or to nobody knows whom, says nothing.
        foreach (ArgumentInfo made in crossing.Call.Arguments.Where(a => a.IsOutput && Kind(a) is "dev" or "vdevice"))
        {
            if (!CrossingArguments.TryRead(crossing, made, out ulong id)) continue;
            _byId[(Kind(made), id)] = _byId.TryGetValue((Kind(made), id), out string? known) && known != subject ? null : subject;
        }
    }

    private string? ById(Crossing crossing)
    {
        if (crossing.Call.Server == VfioCalls.BindIommufd.Server) return null;
        foreach (ArgumentInfo argument in crossing.Call.Arguments.Where(a => a is { IsInput: true } && Kind(a) is "dev" or "vdevice"))
        {
            if (CrossingArguments.TryRead(crossing, argument, out ulong id) && _byId.GetValueOrDefault((Kind(argument), id)) is { } name) return name;
        }

        return null;
    }

    /// <summary>What kind of object an argument names: <c>dev</c> for <c>dev_id</c> and <c>out_devid</c>.</summary>
    private static string Kind(ArgumentInfo argument)
    {
        string name = argument.Name.StartsWith("out_", StringComparison.Ordinal) ? argument.Name["out_".Length..] : argument.Name;
        if (name.EndsWith("_id", StringComparison.Ordinal)) return name[..^"_id".Length];
        return name.EndsWith("id", StringComparison.Ordinal) ? name[..^"id".Length] : name;
    }

    // segment:bus:device.function, as the kernel names PCI functions.
    private static ulong? RequesterId(string name)
    {
        if (name.Split(':', '.') is not [{ Length: 4 }, { Length: 2 } bus, { Length: 2 } device, { Length: 1 } function]) return null;
        if (!byte.TryParse(bus, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b)) return null;
        if (!byte.TryParse(device, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte d)) return null;
        if (!byte.TryParse(function, NumberStyles.None, CultureInfo.InvariantCulture, out byte f) || d >= Devices || f >= Functions) return null;
        return Pci.PciAddress.Of(0, b, d, f).RequesterId;
    }
}
