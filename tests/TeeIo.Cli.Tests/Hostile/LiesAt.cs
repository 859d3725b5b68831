namespace TeeIo.Cli.Tests.Hostile;

/// <summary>Where something is changed on its way.</summary>
internal enum LiesAt
{
    /// <summary>What the VMM reads from its guest.</summary>
    VmmReads,

    /// <summary>What the VMM writes for its guest.</summary>
    VmmWrites,

    /// <summary>What the guest's driver reads from shared memory.</summary>
    GuestReads,

    /// <summary>What the guest's driver writes to shared memory.</summary>
    GuestWrites,

    /// <summary>What the host's driver answers to a guest's request.</summary>
    Responses,

    /// <summary>What a guest shows at an exit, in the run structure.</summary>
    Exits,

    /// <summary>What the VMM has answered there.</summary>
    Answers,
}
