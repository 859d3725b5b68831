using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;

namespace TeeIo.Sdk.Tests.Pci;

public sealed class DoeObjectTests
{
    [Theory]
    [InlineData("10840000", "0100010003000000" + "10840000")]
    [InlineData("01", "0100010003000000" + "01000000")]
    [InlineData("0102030405", "0100010004000000" + "0102030405000000")]
    public void The_length_counts_dwords_with_the_header_and_the_padding(string content, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(DoeObject.Create(DoeObjectType.Spdm, Convert.FromHexString(content))));

    [Fact]
    public void The_largest_object_has_the_length_0()
    {
        byte[] largest = DoeObject.Create(DoeObjectType.SecuredSpdm, new byte[DoeConstants.MaxObjectSize - DoeConstants.HeaderSize]);

        Assert.Equal("0100020000000000", Convert.ToHexString(largest, 0, DoeConstants.HeaderSize));
        Assert.True(DoeObject.TryRead(largest, out _, out ReadOnlySpan<byte> content));
        Assert.Equal(DoeConstants.MaxObjectSize - DoeConstants.HeaderSize, content.Length);
    }

    [Fact]
    public void An_object_over_a_mebibyte_is_refused() =>
        Assert.Throws<ArgumentException>(() => DoeObject.Create(DoeObjectType.Spdm, new byte[DoeConstants.MaxObjectSize - DoeConstants.HeaderSize + 1]));

    [Theory]
    [InlineData("")] // nothing
    [InlineData("01000100030000")] // shorter than a header
    [InlineData("010001000300000010840000FF")] // longer than its length
    [InlineData("0100010004000000" + "10840000")] // shorter than its length
    [InlineData("0200010003000000" + "10840000")] // another vendor
    [InlineData("0100010103000000" + "10840000")] // reserved byte
    [InlineData("0100010000000000" + "10840000")] // claims to be the largest object
    [InlineData("0100010001000000" + "10840000")] // shorter than its own header
    public void A_malformed_object_is_refused(string source) => Assert.False(DoeObject.TryRead(Convert.FromHexString(source), out _, out _));

    [Fact]
    public void Discovery_lists_every_type_and_ends()
    {
        List<DoeObjectType> found = [];

        Assert.True(DoeDiscovery.Find(new Mailbox(loops: false), found).IsOk);
        Assert.Equal([DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm], found);
    }

    [Fact]
    public void A_device_whose_list_never_ends_is_refused() => Assert.Equal(Errno.EIO, DoeDiscovery.Find(new Mailbox(loops: true), []).Errno);

    [Theory]
    [InlineData("03000000")] // after the last
    [InlineData("00000100")] // reserved byte
    [InlineData("000000")] // short
    public void A_wrong_discovery_request_gets_no_answer(string content) =>
        Assert.Empty(DoeDiscovery.Answer(Convert.FromHexString(content), [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm]));

    private sealed class Mailbox(bool loops) : IDoeMailbox
    {
        public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
        {
            byte[] answer = DoeDiscovery.Answer(request[DoeConstants.HeaderSize..], [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm]);
            if (loops) answer[^1] = 1;
            answer.CopyTo(response);
            return SysResult.Of(answer.Length);
        }
    }
}
