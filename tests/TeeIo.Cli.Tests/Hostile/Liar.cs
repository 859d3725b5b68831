using TeeIo.Hostile;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>Decides, of all that crosses in a flow, what is changed: one thing at one place, which the mutation chooses.</summary>
internal sealed class Liar
{
    private const int Things = 48;
    private readonly Mutation _mutation;
    private readonly LiesAt _place;
    private int _left;

    public Liar(Mutation mutation)
    {
        _mutation = mutation;
        _place = (LiesAt)mutation.Below(Enum.GetValues<LiesAt>().Length);
        _left = mutation.Below(Things);
    }

    /// <summary>Changes bytes that cross at a place, if it is their turn.</summary>
    public void Change(LiesAt place, Span<byte> bytes)
    {
        if (place == _place && _left-- == 0) _mutation.Scribble(bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => $"a change at {_place}";
}
