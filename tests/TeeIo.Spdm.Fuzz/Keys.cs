using System.Reflection;
using System.Runtime.CompilerServices;
using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Fuzz;

/// <summary>The keys of sessions, which their ends keep to themselves otherwise: who is hostile has them, too.</summary>
internal static class Keys
{
    private static readonly FieldInfo s_sessions = typeof(SpdmResponder).GetField("_sessions", BindingFlags.NonPublic | BindingFlags.Instance)!;
    private static readonly PropertyInfo s_keys = s_sessions.FieldType.GetElementType()!.GetProperty("Keys")!;

    /// <summary>A requester's; null where it has no session.</summary>
    public static SpdmSession? Of(SpdmRequester requester) => Session(requester) is { IsDead: false } session ? session : null;

    /// <summary>A responder's first; null where it has no session.</summary>
    public static SpdmSession? Of(SpdmResponder responder) => ((Array)s_sessions.GetValue(responder)!).GetValue(0) is { } session ? (SpdmSession)s_keys.GetValue(session)! : null;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    private static extern ref SpdmSession? Session(SpdmRequester requester);
}
