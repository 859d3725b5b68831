using TeeIo.Boundaries;

namespace Nvme;

/// <summary>Memory that both sides reach.</summary>
/// <param name="Memory">As the driver sees it.</param>
/// <param name="Iova">Where the device sees it, in one piece.</param>
internal sealed record DmaMemory(UserMemory Memory, ulong Iova);
