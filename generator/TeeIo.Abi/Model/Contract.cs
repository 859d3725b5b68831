namespace TeeIo.Abi.Model;

/// <summary>What an op promises and demands.</summary>
/// <param name="Before">State required when it is called, in words of the flow's state vector; empty for any.</param>
/// <param name="After">State after success.</param>
/// <param name="Holds">Locks that the caller holds, outermost first (<c>name.read</c> for a shared hold).</param>
/// <param name="MayTake">Locks that the op may take.</param>
/// <param name="MustNotHold">Locks that must not be held when it is called.</param>
/// <param name="Services">Names of the ops interfaces whose services the op may call.</param>
public sealed record Contract(
    string Before, string After, EquatableArray<string> Holds, EquatableArray<string> MayTake, EquatableArray<string> MustNotHold, EquatableArray<string> Services);
