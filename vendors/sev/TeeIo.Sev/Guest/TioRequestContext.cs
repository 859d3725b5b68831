using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Guest;

/// <summary>What the host has to know of a message that it can't read.</summary>
/// <param name="Device">The device as the guest sees it.</param>
/// <param name="Parameter">RDX: depends on the message.</param>
/// <param name="MmioPages">How many pages a message about MMIO is for; else 0.</param>
/// <param name="DataGpa">Shared buffer for what the host adds; 0 for none.</param>
/// <param name="DataPages">Pages of that buffer.</param>
internal readonly record struct TioRequestContext(SbdfnId Device, ulong Parameter = 0, uint MmioPages = 0, ulong DataGpa = 0, ulong DataPages = 0);
