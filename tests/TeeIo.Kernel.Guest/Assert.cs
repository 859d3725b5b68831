using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TeeIo.Kernel.Guest;

/// <summary>What cases claim. xunit's own assertions can't be compiled ahead of time without warnings.</summary>
internal static class Assert
{
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string? what = null)
    {
        bool isEqual = expected is byte[] left && actual is byte[] right ? left.AsSpan().SequenceEqual(right) : EqualityComparer<T>.Default.Equals(expected, actual);
        if (!isEqual) Fail($"{what} is {Text(actual)}, not {Text(expected)}");
    }

    public static void NotEqual<T>(T unexpected, T actual, [CallerArgumentExpression(nameof(actual))] string? what = null)
    {
        if (EqualityComparer<T>.Default.Equals(unexpected, actual)) Fail($"{what} is {Text(actual)}");
    }

    public static void True([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition) Fail($"not so: {what}");
    }

    public static void False([DoesNotReturnIf(true)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (condition) Fail($"so it is: {what}");
    }

    public static void Null(object? value, [CallerArgumentExpression(nameof(value))] string? what = null) => True(value is null, $"{what} is null");

    public static void InRange(ulong actual, ulong low, ulong high, [CallerArgumentExpression(nameof(actual))] string? what = null) =>
        True(actual >= low && actual <= high, $"{what} is {actual:X}, from {low:X} to {high:X}");

    public static void All<T>(IEnumerable<T> values, Action<T> claim)
    {
        foreach (T value in values) claim(value);
    }

    [DoesNotReturn]
    public static void Fail(string message) => throw new CaseFailedException(message);

    private static string Text<T>(T value) => value is byte[] bytes ? Convert.ToHexString(bytes) : value?.ToString() ?? "null";
}
