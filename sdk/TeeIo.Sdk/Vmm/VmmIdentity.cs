using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>The VM as its own VMM refers to it.</summary>
internal sealed class VmmIdentity(ulong id, string name) : ConfidentialVm(id, name);
