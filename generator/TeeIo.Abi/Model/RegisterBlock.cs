namespace TeeIo.Abi.Model;

/// <summary>Registers that a spec declares itself: the fields of a record, 8 bytes each. They may travel in a page of shared memory with a bitmap that says which of them count.</summary>
/// <param name="Record">The record.</param>
/// <param name="ValidField">Its field whose bit n says that the n-th register counts; null where all do.</param>
/// <param name="Always">Registers that count in every call, whether or not it uses them.</param>
/// <param name="ReasonRegister">The register that says more about a status that isn't success; null where there is none. The status word is then 32 bits of each, the reason above.</param>
/// <param name="Page">The record of the page: its fields of the registers' names carry them; null where they are real registers.</param>
/// <param name="Bitmap">The page's field whose bit n says that the quadword at offset 8n counts.</param>
public sealed record RegisterBlock(string Record, string? ValidField, EquatableArray<string> Always, string? ReasonRegister, string? Page, string? Bitmap);
