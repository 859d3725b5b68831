using TeeIo.Pci.Tdisp;

namespace TeeIo.Spdm.Tests.Tdisp;

/// <summary>The rules of a TDISP responder, byte for byte: each request in each state. The cases of DMTF's tee-io-validator are among them (its numbers stand behind the rows).</summary>
public sealed class TdispTableTests
{
    private const string Interface = "020100000000000000000000";
    private const string Another = "030100000000000000000000";
    private const string Lock = "10830000" + Interface + "0500" + "04" + "00" + "0000000010000000" + "0000000000000000";

    // What comes back: ok, a new state, or an error; an error changes nothing.
    private const string Rules = """
        request               | UNLOCKED  | LOCKED    | RUN         | ERROR     |
        version               | ok        | ok        | ok          | ok        | 1.1
        capabilities          | ok        | ok        | ok          | ok        | 2.1
        state                 | ok        | ok        | ok          | ok        | 5.1-5.4
        lock                  | > LOCKED  | state     | state       | state     | 3.1, 3.3, 3.4
        lock, no keys         | request   | state     | state       | state     | 3.2
        lock, other stream    | request   | state     | state       | state     |
        lock, unknown flag    | request   | state     | state       | state     |
        lock, uneven offset   | request   | state     | state       | state     |
        report                | state     | ok        | ok          | state     | 4.1, 4.2, 4.4
        report, past the end  | state     | request   | request     | state     | 4.3
        report, no length     | state     | request   | request     | state     |
        start                 | state     | > RUN     | state       | state     | 6.1, 6.3, 6.4
        start, inverted nonce | state     | nonce     | state       | state     | 6.2
        stop                  | ok        | > UNLOCKED| > UNLOCKED  | > UNLOCKED| 7.1-7.3
        bind p2p              | state     | state     | unsupported | state     |
        unbind p2p            | state     | state     | unsupported | state     |
        attribute             | state     | state     | unsupported | state     |
        vendor                | unsupported | unsupported | unsupported | unsupported |
        unknown               | unsupported | unsupported | unsupported | unsupported |
        a response            | unsupported | unsupported | unsupported | unsupported |
        version 1.1           | version   | version   | version     | version   |
        another interface     | interface | interface | interface   | interface |
        """;

    private readonly KeyedInterface _device = new();
    private readonly TdispResponder _responder;

    public TdispTableTests() => _responder = new TdispResponder([_device], new TdispResponderOptions(LockFlags.NoFwUpdate | LockFlags.LockMsix, 52, 1, 64), new Random(1));

    public static TheoryData<string, TdiState, string> Table()
    {
        TheoryData<string, TdiState, string> table = [];
        foreach (string[] row in Rules.Split('\n').Skip(1).Select(line => line.Split('|', StringSplitOptions.TrimEntries)))
        {
            foreach (TdiState state in Enum.GetValues<TdiState>()) table.Add(row[0], state, row[1 + (int)state]);
        }

        return table;
    }

    public static TheoryData<string, TdiState> Sized()
    {
        TheoryData<string, TdiState> table = [];
        foreach (string request in new[] { "version", "capabilities", "state", "lock", "report", "start", "stop", "bind p2p", "unbind p2p", "attribute" })
        {
            foreach (TdiState state in Enum.GetValues<TdiState>()) table.Add(request, state);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_request_in_each_state(string request, TdiState from, string rule)
    {
        byte[] nonce = Enter(from);
        if (request == "lock, no keys") _device.HasKeys = false;
        byte[] answer = Send(Message(request, nonce));

        Assert.True(answer.Length >= TdispHeader.ByteSize && TdispHeader.TryRead(answer, out _), "no answer");
        Assert.Equal(request == "another interface" ? Another : Interface, Convert.ToHexString(answer, 4, 12));
        (TdispErrorCode error, TdiState to) = Outcome(rule, from);
        Assert.Equal(to, _device.State);
        if (error == 0)
        {
            Assert.Equal(Message(request, nonce)[1] & 0x7F, answer[1]);
            return;
        }

        Assert.True(TdispError.TryRead(answer, out TdispError found));
        Assert.Equal((TdispMessage.TdispError, error), (found.Header.MessageType, found.ErrorCode));
        Assert.Equal(error == TdispErrorCode.UnsupportedRequest ? (uint)Message(request, nonce)[1] : 0, found.ErrorData);
        if (from is TdiState.ConfigLocked or TdiState.Run) Assert.Equal(KeyedInterface.FullReport, _device.Report);
        if (from == TdiState.ConfigLocked) Assert.Equal((byte)(Message("start", nonce)[1] & 0x7F), Send(Message("start", nonce))[1]); // the nonce still starts it
    }

    [Theory]
    [MemberData(nameof(Sized))]
    public void A_request_that_is_too_short_or_too_long_is_refused_and_changes_nothing(string request, TdiState from)
    {
        byte[] nonce = Enter(from);
        byte[] whole = Message(request, nonce);
        for (int length = 0; length < whole.Length; length++) Refused(whole[..length], from);
        foreach (int more in new[] { 1, 2, 4, 16 }) Refused([.. whole, .. new byte[more]], from);
    }

    [Theory]
    [MemberData(nameof(Sized))]
    public void A_reserved_bit_of_the_header_or_the_interface_id_is_refused_and_changes_nothing(string request, TdiState from)
    {
        byte[] nonce = Enter(from);
        foreach (int at in new[] { 2, 3, 7, 8, 15 })
        {
            byte[] message = Message(request, nonce);
            message[at] |= 1 << 6;
            byte[] answer = Send(message);
            Assert.True(TdispError.TryRead(answer, out TdispError error) && error.Header.MessageType == TdispMessage.TdispError, $"byte {at}");
            Assert.Contains(error.ErrorCode, new[] { TdispErrorCode.InvalidRequest, TdispErrorCode.InvalidInterface });
            Assert.Equal(from, _device.State);
        }
    }

    private void Refused(byte[] message, TdiState state)
    {
        byte[] answer = Send(message);
        Assert.Equal(state, _device.State);
        if (message.Length < TdispHeader.ByteSize)
        {
            Assert.Empty(answer);
            return;
        }

        Assert.True(TdispError.TryRead(answer, out TdispError error));
        Assert.Equal((TdispMessage.TdispError, TdispErrorCode.InvalidRequest), (error.Header.MessageType, error.ErrorCode));
    }

    private byte[] Enter(TdiState state)
    {
        if (state == TdiState.ConfigUnlocked) return new byte[TdispConstants.StartNonceSize];
        byte[] nonce = Send(Convert.FromHexString(Lock))[TdispHeader.ByteSize..];
        if (state == TdiState.Run) Send(Message("start", nonce));
        if (state == TdiState.Error) _device.Fail();
        Assert.Equal(state, _device.State);
        return nonce;
    }

    private byte[] Send(byte[] message)
    {
        byte[] answer = new byte[512];
        return answer[..TdispDispatcher.Dispatch(_responder, null, message, answer)];
    }

    private static byte[] Message(string request, byte[] nonce) => Convert.FromHexString(request switch
    {
        "version" => "10810000" + Interface,
        "capabilities" => "10820000" + Interface + "00000000",
        "state" => "10850000" + Interface,
        "lock" or "lock, no keys" => Lock,
        "lock, other stream" => "10830000" + Interface + "0500" + "05" + "00" + "0000000010000000" + "0000000000000000",
        "lock, unknown flag" => "10830000" + Interface + "0800" + "04" + "00" + "0000000010000000" + "0000000000000000",
        "lock, uneven offset" => "10830000" + Interface + "0500" + "04" + "00" + "0108000000000000" + "0000000000000000",
        "report" => "10840000" + Interface + "0000" + "4000",
        "report, past the end" => "10840000" + Interface + "FFFF" + "4000",
        "report, no length" => "10840000" + Interface + "0000" + "0000",
        "start" => "10860000" + Interface + Convert.ToHexString(nonce),
        "start, inverted nonce" => "10860000" + Interface + Convert.ToHexString([.. nonce.Select(b => (byte)~b)]),
        "stop" => "10870000" + Interface,
        "bind p2p" => "10880000" + Interface + "04",
        "unbind p2p" => "10890000" + Interface + "04",
        "attribute" => "108A0000" + Interface + "0000000000000000" + "01000000" + "0000" + "0000",
        "vendor" => "108B0000" + Interface + "0100",
        "unknown" => "10FF0000" + Interface,
        "a response" => "10070000" + Interface,
        "version 1.1" => "11870000" + Interface,
        "another interface" => "10870000" + Another,
        _ => throw new ArgumentOutOfRangeException(nameof(request), request, "no such row"),
    });

    private static (TdispErrorCode Error, TdiState To) Outcome(string rule, TdiState from) => rule switch
    {
        "ok" => (0, from),
        "> UNLOCKED" => (0, TdiState.ConfigUnlocked),
        "> LOCKED" => (0, TdiState.ConfigLocked),
        "> RUN" => (0, TdiState.Run),
        "request" => (TdispErrorCode.InvalidRequest, from),
        "state" => (TdispErrorCode.InvalidInterfaceState, from),
        "nonce" => (TdispErrorCode.InvalidNonce, from),
        "unsupported" => (TdispErrorCode.UnsupportedRequest, from),
        "version" => (TdispErrorCode.VersionMismatch, from),
        "interface" => (TdispErrorCode.InvalidInterface, from),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "no such outcome"),
    };
}
