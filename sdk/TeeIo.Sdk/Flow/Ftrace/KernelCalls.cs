using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Next;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;

namespace TeeIo.Flow.Ftrace;

/// <summary>The ioctls that a kernel of each profile has, as the specs give them: those of the released kernel, and before them the profile's own.</summary>
public static class KernelCalls
{
    /// <summary>The profile of the released kernel, which has no calls of its own.</summary>
    public const string Released = "linux-7.3";

    private static readonly CallInfo[] s_released = [.. IommufdCalls.All, .. VfioCalls.All, .. KvmCalls.All];

    private static readonly Dictionary<string, IReadOnlyList<CallInfo>> s_own = new(StringComparer.Ordinal)
    {
        [Seed202505Profile.Name] = Seed202505Calls.All,
        [ArmV5Profile.Name] = ArmV5Calls.All,
        [NextProfile.Name] = NextCalls.All,
        [Released] = [],
    };

    /// <summary>The profiles.</summary>
    public static IReadOnlyCollection<string> Profiles => s_own.Keys;

    /// <summary>The calls that <paramref name="profile"/> adds; none for a profile that isn't known.</summary>
    public static IReadOnlyList<CallInfo> OwnTo(string profile) => s_own.GetValueOrDefault(profile, []);

    /// <summary>Whether the released kernel has a call.</summary>
    /// <param name="server">The actor that serves the file.</param>
    /// <param name="request">The request number.</param>
    public static bool IsReleased(string server, ulong request) => s_released.Any(c => c.Server == server && c.Number == request);

    /// <summary>The calls with a number, as a kernel of <paramref name="profile"/> reads it: where the profile has given it a new meaning, that one counts.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="server">The actor that serves the file.</param>
    /// <param name="request">The request number.</param>
    internal static IReadOnlyList<CallInfo> Find(string profile, string server, ulong request)
    {
        List<CallInfo> own = [.. OwnTo(profile).Where(IsMeant)];
        return own.Count > 0 ? own : [.. s_released.Where(IsMeant)];
        bool IsMeant(CallInfo call) => call.Server == server && call.Number == request;
    }

    internal static IEnumerable<CallInfo> Of(string profile) => OwnTo(profile).Concat(s_released);
}
