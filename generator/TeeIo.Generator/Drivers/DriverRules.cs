using Microsoft.CodeAnalysis;

namespace TeeIo.Generator.Drivers;

/// <summary>Rules for classes with <c>[TsmDriver]</c>. Each has a help page in generator/docs.</summary>
internal static class DriverRules
{
    private const string Category = "TeeIo.Drivers";

    /// <summary>An op that isn't filled.</summary>
    public static DiagnosticDescriptor MissingOp { get; } = new(
        DriverDiagnostics.MissingOp, "Op not filled", "'{0}' doesn't fill '{1}' yet, so each call of it fails with ENOSYS; override it", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    /// <summary>A class that can't be a driver.</summary>
    public static DiagnosticDescriptor Unusable { get; } = new(
        DriverDiagnostics.Unusable, "Not a driver class", "'{0}' has [TsmDriver] and {1}", Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <summary>A call that waits where it mustn't.</summary>
    public static DiagnosticDescriptor BlockingCall { get; } = new(
        DriverDiagnostics.BlockingCall, "Blocking call under a lock", "'{0}' {1} {2}", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
