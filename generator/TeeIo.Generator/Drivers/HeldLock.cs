using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TeeIo.Generator.Drivers;

/// <summary>The lock that is seen to be held at a place in a method.</summary>
/// <param name="Text">The lock, as it stands in the code.</param>
/// <param name="IsOrdered">Whether it is one of the SDK's ordered locks, else a <c>lock</c> statement's.</param>
internal readonly record struct HeldLock(string Text, bool IsOrdered)
{
    /// <summary>The innermost lock that is held around <paramref name="operation"/> in its own method or lambda; null where none is seen.</summary>
    public static HeldLock? Around(IOperation operation, INamedTypeSymbol hold)
    {
        for (IOperation at = operation; at.Parent is { } parent and not (IAnonymousFunctionOperation or ILocalFunctionOperation); at = parent)
        {
            switch (parent)
            {
                case ILockOperation @lock when at == @lock.Body: return new(@lock.LockedValue.Syntax.ToString(), IsOrdered: false);
                case IUsingOperation @using when at == @using.Body && Taken(@using.Resources, hold) is { } taken: return new(taken, IsOrdered: true);
                case IBlockOperation block:
                    string? before = block.Operations.TakeWhile(o => o != at).OfType<IUsingDeclarationOperation>().Select(d => Taken(d.DeclarationGroup, hold)).LastOrDefault(t => t is not null);
                    if (before is not null) return new(before, IsOrdered: true);
                    break;
            }
        }

        return null;
    }

    /// <summary>The lock that is taken in a <c>using</c>'s head, or null where it takes something else.</summary>
    private static string? Taken(IOperation resources, INamedTypeSymbol hold)
    {
        IInvocationOperation? acquire = resources.DescendantsAndSelf().OfType<IInvocationOperation>().FirstOrDefault(i => SymbolEqualityComparer.Default.Equals(i.Type, hold));
        return (acquire?.Instance?.Syntax ?? acquire?.Syntax)?.ToString();
    }
}
