namespace TeeIo.Abi.Model;

/// <summary>The framing of an interface: how its calls and records travel.</summary>
public enum AbiKind
{
    /// <summary>Calls on a file descriptor, each with one argument structure.</summary>
    Ioctl,

    /// <summary>Calls whose arguments and results are registers.</summary>
    RegisterCall,

    /// <summary>Calls through a shared buffer with an operation code, data and a status.</summary>
    Mailbox,

    /// <summary>Request and response messages.</summary>
    Message,

    /// <summary>Tables of operations between two layers of one program.</summary>
    Ops,

    /// <summary>Commands of a generic netlink family, whose arguments are attributes.</summary>
    Netlink,

    /// <summary>Files of sysfs, which are read and written.</summary>
    Sysfs,

    /// <summary>The rows of a flow, derived from crossings of the other kinds.</summary>
    Flow,
}
