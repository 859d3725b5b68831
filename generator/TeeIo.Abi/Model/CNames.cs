namespace TeeIo.Abi.Model;

/// <summary>Names in C, which <c>c:</c> gives where they differ from the spec's.</summary>
public static class CNames
{
    /// <summary>What <c>c:</c> says of something that C has no name for.</summary>
    public const string None = "none";
}
