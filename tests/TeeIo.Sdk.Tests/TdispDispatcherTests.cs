using TeeIo.Pci.Tdisp;

namespace TeeIo.Sdk.Tests;

public sealed class TdispDispatcherTests
{
    private const string Interface = "020100000000000000000000";

    [Theory]
    [InlineData("10830000" + Interface + "0400" + "5A" + "00" + "0000000010000000" + "0000000000000000", "10030000" + Interface + "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A")]
    [InlineData("10810000" + Interface, "10010000" + Interface + "01" + "10")]
    [InlineData("10840000" + Interface + "0200" + "0300", "10040000" + Interface + "0300" + "0100" + "030405")]
    [InlineData("10850000" + Interface, "10050000" + Interface + "02")]
    [InlineData("10870000" + Interface, "10070000" + Interface)]
    [InlineData("108B0000" + Interface + "C0FFEE", "100B0000" + Interface + "C0FFEE")]
    public void A_request_is_answered(string request, string response) => Assert.Equal(response, Dispatch(request));

    [Theory]
    [InlineData("10830000" + Interface, "01000000", "00000000")] // a lock without its body
    [InlineData("10850000" + Interface + "00", "01000000", "00000000")] // a byte too many
    [InlineData("10850100" + Interface, "01000000", "00000000")] // reserved byte of the header
    [InlineData("10850000" + "020100020000000000000000", "01000000", "00000000")] // reserved bit of the function id
    [InlineData("10830000" + Interface + "0400" + "5A" + "01" + "0000000010000000" + "0000000000000000", "01000000", "00000000")] // reserved byte of the body
    [InlineData("10FF0000" + Interface, "07000000", "FF000000")] // unknown code
    [InlineData("11850000" + Interface, "41000000", "00000000")] // wrong version
    [InlineData("10850000" + "030100000000000000000000", "01010000", "00000000")] // no such interface
    [InlineData("10860000" + Interface + "0000000000000000000000000000000000000000000000000000000000000000", "02010000", "00000000")] // the responder's own error
    public void A_wrong_request_gets_an_error_message(string request, string code, string data)
    {
        string answer = Dispatch(request);

        // The header of the error echoes version and interface.
        Assert.Equal(request[..2] + "7F0000" + request[8..32] + code + data, answer);
    }

    [Fact]
    public void A_request_shorter_than_a_header_gets_no_answer() => Assert.Equal("", Dispatch("108500000201"));

    private static string Dispatch(string request)
    {
        byte[] response = new byte[256];
        return Convert.ToHexString(response, 0, TdispDispatcher.Dispatch(new SampleResponder(), null, Convert.FromHexString(request), response));
    }
}
