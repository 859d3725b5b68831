using System;
using System.Collections.Generic;

namespace TeeIo.Abi;

/// <summary>Where each item of a spec stands in its text, as a tree of names: <c>structs</c>, <c>iommu_ioas_map</c>, <c>fields</c>, <c>size</c>, <c>type</c>.
/// Items of a list go by their <c>name:</c>, or by their index where they have none.</summary>
public sealed class SourceMap : IEquatable<SourceMap>
{
    private readonly IReadOnlyDictionary<string, SourceMap> _children;

    internal SourceMap(SourceSpan span, SourceSpan name, IReadOnlyDictionary<string, SourceMap> children) => (Span, Name, _children) = (span, name, children);

    /// <summary>The item's own place: its value where that is a scalar, else its key or name.</summary>
    public SourceSpan Span { get; }

    /// <summary>The place of the item's key; of its name where it is in a list.</summary>
    public SourceSpan Name { get; }

    /// <summary>The place of the item under <paramref name="names"/>, or of the nearest enclosing one that is there.</summary>
    public SourceSpan Find(params string[] names) => Item(names).Span;

    /// <summary>As <see cref="Find"/>, the place of the item's key.</summary>
    public SourceSpan FindName(params string[] names) => Item(names).Name;

    /// <inheritdoc/>
    public bool Equals(SourceMap? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || Span != other.Span || Name != other.Name || _children.Count != other._children.Count) return false;
        if (_children.Count == 0) return true;
        foreach (KeyValuePair<string, SourceMap> child in _children)
        {
            if (!other._children.TryGetValue(child.Key, out SourceMap? theirs) || !child.Value.Equals(theirs)) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SourceMap);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((Span.GetHashCode() * 31) + _children.Count);

    private SourceMap Item(string[] names)
    {
        SourceMap here = this;
        foreach (string name in names)
        {
            if (!here._children.TryGetValue(name, out SourceMap? next)) break;
            here = next;
        }

        return here;
    }
}
