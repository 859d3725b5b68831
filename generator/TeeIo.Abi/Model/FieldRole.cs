namespace TeeIo.Abi.Model;

/// <summary>What a binding does with a field on its user's behalf.</summary>
public enum FieldRole
{
    /// <summary>Carries a value of the caller's or the callee's.</summary>
    Value,

    /// <summary>Holds the record's own size; the binding fills it.</summary>
    Size,

    /// <summary>Reserved: the binding writes zero, a server refuses anything else.</summary>
    Zero,

    /// <summary>Padding or reserved space that nobody checks.</summary>
    Ignored,

    /// <summary>Has one value in this call; the binding writes it.</summary>
    Constant,

    /// <summary>Holds the length or count of another field; the binding fills it from the span.</summary>
    Length,

    /// <summary>Points to memory that the callee uses only during the call.</summary>
    UserPointer,

    /// <summary>Points to memory that the callee keeps using after the call.</summary>
    UserMemory,
}
