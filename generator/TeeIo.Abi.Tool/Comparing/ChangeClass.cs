namespace TeeIo.Abi.Tool.Comparing;

/// <summary>What a change breaks, the worst first.</summary>
internal enum ChangeClass
{
    /// <summary>A number means something else: old programs make other calls than they think.</summary>
    Number,

    /// <summary>Bytes lie elsewhere: old programs read and write the wrong ones.</summary>
    Layout,

    /// <summary>Same bytes, other meaning: old programs are refused or misunderstood.</summary>
    Semantic,

    /// <summary>Old programs run, but don't compile any more.</summary>
    Source,

    /// <summary>Old programs don't notice.</summary>
    Addition,
}
