namespace TeeIo.Pci.Spdm;

/// <summary>A message that comes in pieces.</summary>
internal sealed class SpdmAssembly
{
    private readonly byte[] _whole;
    private readonly byte _handle;
    private uint _next = 1;
    private int _length;

    private SpdmAssembly(int length, byte handle) => (_whole, _handle) = (new byte[length], handle);

    /// <summary>The message, once it is whole.</summary>
    public byte[] Whole => _whole;

    public bool IsWhole { get; private set; }

    /// <summary>Begins with a first piece, which can't be the last.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="most">Bytes of the largest message that is taken.</param>
    /// <returns>Null where it isn't a first piece, or one of a message that is too large or too small for pieces.</returns>
    public static SpdmAssembly? Begin(in SpdmPiece piece, int most)
    {
        bool isFirst = piece.Sequence == 0 && !piece.IsLast && piece.WholeLength > SpdmConstants.MinDataTransferSize && piece.WholeLength <= most;
        if (!isFirst || piece.Data.Length >= piece.WholeLength || piece.Data.Length < SpdmPiece.Room(SpdmConstants.MinDataTransferSize, isFirst: true)) return null;
        SpdmAssembly assembly = new((int)piece.WholeLength, piece.Handle);
        assembly.Take(piece.Data);
        return assembly;
    }

    /// <summary>Adds the next piece.</summary>
    /// <returns>False where it isn't the next one, or the pieces don't make the message that the first one told of.</returns>
    public bool TryAdd(in SpdmPiece piece)
    {
        int left = _whole.Length - _length;
        if (piece.Handle != _handle || piece.Sequence != _next || piece.Data.Length > left || piece.IsLast != (piece.Data.Length == left)) return false;
        if (!piece.IsLast && piece.Data.Length < SpdmPiece.Room(SpdmConstants.MinDataTransferSize, isFirst: false)) return false;
        _next++;
        Take(piece.Data);
        IsWhole = piece.IsLast;
        return true;
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_whole.AsSpan(_length));
        _length += data.Length;
    }
}
