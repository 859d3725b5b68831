namespace TeeIo.Cli;

/// <summary>The kernel that a flow runs on.</summary>
internal enum FlowKernel
{
    /// <summary>The software platform's.</summary>
    Software,

    /// <summary>That of this machine.</summary>
    Linux,
}
