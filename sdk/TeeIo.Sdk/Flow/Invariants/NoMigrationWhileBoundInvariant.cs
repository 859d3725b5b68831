using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 13: while a TDI is bound nothing migrates it or logs what it or its VM writes: neither VFIO, nor IOMMUFD, nor KVM.</summary>
/// <remarks>A crossing that names no TDI and no VM may be about any that is bound.</remarks>
public sealed class NoMigrationWhileBoundInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "13 (no migration and no dirty logging while bound)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Functions();

    private sealed class Functions : IInvariantWatch
    {
        private readonly BoundFunctions _bound = new();

        public string? Closed(Crossing crossing)
        {
            _bound.Apply(crossing);
            if (crossing.Side != CrossingSide.Server || !crossing.IsSuccess || !Begins(crossing)) return null;
            return _bound.BoundOf(crossing.Subject) is { } function ? $"{crossing.Call.Name} at {crossing.ClosedAt} succeeded while TDI 0x{function:x} was bound" : null;
        }

        /// <summary>Whether a call begins to migrate or to log.</summary>
        private static bool Begins(Crossing crossing)
        {
            if (BoundFunctions.Read(crossing, "flags") is not { } flags) return false;
            if (crossing.Call == IommufdCalls.HwptSetDirtyTracking) return ((DirtyTrackingFlags)flags).HasFlag(DirtyTrackingFlags.Enable);
            if (crossing.Call == KvmCalls.SetUserMemoryRegion2) return ((MemoryFlags)flags).HasFlag(MemoryFlags.LogDirtyPages);
            if (crossing.Call != VfioCalls.Feature) return false;
            var action = (VfioFeatureFlags)flags & ~VfioFeatureFlags.Mask;
            return action.HasFlag(VfioFeatureFlags.Set) && !action.HasFlag(VfioFeatureFlags.Probe)
                && (VfioFeature)(flags & (ulong)VfioFeatureFlags.Mask) is VfioFeature.MigDeviceState or VfioFeature.DmaLoggingStart;
        }
    }
}
