using System.Text.Json;
using System.Text.Json.Serialization;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A <see cref="ReferenceRange"/> as it stands in a file.</summary>
internal sealed class RangeText : IJsonOnDeserialized
{
    public required ushort Id { get; set; }

    public required ulong Offset { get; set; }

    public required uint Pages { get; set; }

    public string[] Attributes { get; set; } = [];

    public static RangeText Of(ReferenceRange range) => new() { Id = range.Id, Offset = range.Offset, Pages = range.Pages, Attributes = EnumNames.Write(range.Attributes) };

    public ReferenceRange ToRange() => new() { Id = Id, Offset = Offset, Pages = Pages, Attributes = EnumNames.ReadAll<MmioAttributes>("attributes", Attributes) };

    public void OnDeserialized()
    {
        ReferenceRange range = ToRange();
        if (range.Pages == 0) throw new JsonException("a range has a page at least: 'pages' is 0");
    }
}
