using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>The identity of a VM of this kernel.</summary>
internal sealed class VmHandle(ulong id, string name) : ConfidentialVm(id, name);
