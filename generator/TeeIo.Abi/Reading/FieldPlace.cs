namespace TeeIo.Abi.Reading;

/// <summary>Where a field is.</summary>
internal enum FieldPlace
{
    /// <summary>In a record, at an offset.</summary>
    Record,

    /// <summary>In a register.</summary>
    Register,

    /// <summary>In a register that the spec declares itself.</summary>
    OwnRegister,

    /// <summary>A parameter of an op or an ioctl.</summary>
    Parameter,
}
