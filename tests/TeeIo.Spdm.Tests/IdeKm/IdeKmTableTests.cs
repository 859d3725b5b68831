using TeeIo.Pci.IdeKm;

namespace TeeIo.Spdm.Tests.IdeKm;

/// <summary>The rules of an IDE_KM responder, byte for byte: each object before the query, after it, with a key in the slot and with the key in use. The cases of DMTF's tee-io-validator are
/// among them (its numbers stand behind the rows).</summary>
public sealed class IdeKmTableTests
{
    private const string Key = "525A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778"; // as it travels
    private const string First = "0000000001000000";

    // What comes back: an acknowledgement, a status of KP_ACK, or nothing, so that SPDM refuses it.
    private const string Rules = """
        object                | new       | queried   | programmed | in use   |
        query                 | answer    | answer    | answer     | answer   | 1.1
        query, port 1         | none      | none      | none       | none     | 1.2
        query, short          | none      | none      | none       | none     |
        query, long           | none      | none      | none       | none     |
        program               | 4         | 0         | 0          | 0        | 2.1, 5.1
        program, short        | 1         | 1         | 1          | 1        | 2.2
        program, long         | 1         | 1         | 1          | 1        | 2.2
        program, port 1       | 2         | 2         | 2          | 2        | 2.3
        program, port 255     | 2         | 2         | 2          | 2        | 2.3
        program, sub-stream 3 | 4         | 3         | 3          | 3        | 2.4
        program, sub-stream F | 4         | 3         | 3          | 3        | 2.4
        program, value 0      | 4         | 3         | 3          | 3        | 2.5
        program, value 2      | 4         | 3         | 3          | 3        | 2.5
        program, high value   | 4         | 3         | 3          | 3        | 2.5
        program, stream 4     | 4         | 3         | 3          | 3        | 2.6
        go                    | none      | none      | answer     | answer   | 3.1
        go, key set 1         | none      | none      | none       | none     |
        go, transmit          | none      | none      | none       | none     |
        go, port 1            | none      | none      | none       | none     |
        go, stream 4          | none      | none      | none       | none     |
        go, sub-stream 3      | none      | none      | none       | none     |
        go, short             | none      | none      | none       | none     |
        go, long              | none      | none      | none       | none     |
        stop                  | answer    | answer    | answer     | answer   | 4.1
        stop, port 1          | none      | none      | none       | none     |
        stop, stream 4        | none      | none      | none       | none     |
        a response            | none      | none      | none       | none     |
        unknown               | none      | none      | none       | none     |
        nothing               | none      | none      | none       | none     |
        """;

    private readonly KeyPort _port = new();
    private readonly IdeKmResponder _responder;

    public IdeKmTableTests() => _responder = new IdeKmResponder(_port);

    public static TheoryData<string, string, string> Table()
    {
        TheoryData<string, string, string> table = [];
        string[][] rows = [.. Rules.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries))];
        foreach (string[] row in rows.Skip(1))
        {
            for (int state = 1; state <= 4; state++) table.Add(row[0], rows[0][state], row[state]);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_object_in_each_state(string name, string state, string rule)
    {
        Enter(state);
        (int keys, int inUse) = (_port.Keys.Count, _port.InUse.Count);
        byte[] message = Message(name);
        byte[] answer = Send(message);
        switch (rule)
        {
            case "none":
                Assert.Empty(answer);
                break;
            case "answer" when name == "query":
                Assert.Equal("01" + "00" + "00" + "08" + "01" + "00" + "00" + Convert.ToHexString(_port.Capability), Convert.ToHexString(answer));
                break;
            case "answer":
                Assert.Equal("06" + "0000" + "03" + "00" + Convert.ToHexString(message[5..]), Convert.ToHexString(answer));
                break;
            default:
                Assert.Equal("03" + "0000" + Convert.ToHexString(message[3..4]) + "0" + rule + Convert.ToHexString(message[5..7]), Convert.ToHexString(answer));
                break;
        }

        // What is refused changes nothing.
        if (rule is not ("answer" or "0")) Assert.Equal((keys, inUse), (_port.Keys.Count, _port.InUse.Count));
    }

    [Fact]
    public void A_key_arrives_as_it_is_and_not_as_it_travels()
    {
        Enter("programmed");
        Assert.Equal("5C5B5A52605F5E5D6463626168676665" + "6C6B6A69706F6E6D7473727178777675", Convert.ToHexString(_port.Keys[new IdeKeySlot(0, IdeDirection.Rx, IdeSubStream.Pr)]));
    }

    [Fact]
    public void Key_sets_are_changed_for_each_other_and_stopped_in_any_order()
    {
        // 3.3, 3.4, 4.3, 4.4: the other set is programmed and started while the first is in use, and back.
        Enter("in use");
        string program(int set) => "02" + "0000" + "03" + "00" + "0" + set + "00" + Key + First;
        string go(int set) => "04" + "0000" + "03" + "00" + "0" + set + "00";
        string stop(int set) => "05" + "0000" + "03" + "00" + "0" + set + "00";
        foreach (string step in new[] { program(1), go(1), program(0), go(0), stop(1), stop(0), stop(0) }) Assert.NotEmpty(Send(Convert.FromHexString(step)));
        Assert.Empty(_port.Keys);
        Assert.Empty(_port.InUse);
        Assert.Empty(Send(Convert.FromHexString(go(0)))); // its key is gone
    }

    [Fact]
    public void A_port_that_was_queried_is_queried_anew_after_its_session()
    {
        Enter("queried");
        _responder.Reset();
        Assert.Equal((byte)KpAckStatus.UnspecifiedFailure, Send(Message("program"))[4]);
    }

    private void Enter(string state)
    {
        if (state == "new") return;
        Assert.NotEmpty(Send(Message("query")));
        if (state == "queried") return;
        Assert.NotEmpty(Send(Message("program")));
        if (state == "in use") Assert.NotEmpty(Send(Message("go")));
    }

    private byte[] Send(byte[] message)
    {
        byte[] answer = new byte[256];
        return answer[.._responder.Answer(message, answer)];
    }

    private static byte[] Message(string name) => Convert.FromHexString(name switch
    {
        "query" => "00" + "00" + "00",
        "query, port 1" => "00" + "00" + "01",
        "query, short" => "00" + "00",
        "query, long" => "00" + "00" + "00" + "00",
        "program" => "02" + "0000" + "03" + "00" + "00" + "00" + Key + First,
        "program, short" => "02" + "0000" + "03" + "00" + "00" + "00" + Key,
        "program, long" => "02" + "0000" + "03" + "00" + "00" + "00" + Key + First + "00",
        "program, port 1" => "02" + "0000" + "03" + "00" + "00" + "01" + Key + First,
        "program, port 255" => "02" + "0000" + "03" + "00" + "00" + "FF" + Key + First,
        "program, sub-stream 3" => "02" + "0000" + "03" + "00" + "30" + "00" + Key + First,
        "program, sub-stream F" => "02" + "0000" + "03" + "00" + "F0" + "00" + Key + First,
        "program, value 0" => "02" + "0000" + "03" + "00" + "00" + "00" + Key + "0000000000000000",
        "program, value 2" => "02" + "0000" + "03" + "00" + "00" + "00" + Key + "0000000002000000",
        "program, high value" => "02" + "0000" + "03" + "00" + "00" + "00" + Key + "0100000001000000",
        "program, stream 4" => "02" + "0000" + "04" + "00" + "00" + "00" + Key + First,
        "go" => "04" + "0000" + "03" + "00" + "00" + "00",
        "go, key set 1" => "04" + "0000" + "03" + "00" + "01" + "00",
        "go, transmit" => "04" + "0000" + "03" + "00" + "02" + "00",
        "go, port 1" => "04" + "0000" + "03" + "00" + "00" + "01",
        "go, stream 4" => "04" + "0000" + "04" + "00" + "00" + "00",
        "go, sub-stream 3" => "04" + "0000" + "03" + "00" + "30" + "00",
        "go, short" => "04" + "0000" + "03" + "00" + "00",
        "go, long" => "04" + "0000" + "03" + "00" + "00" + "00" + "00",
        "stop" => "05" + "0000" + "03" + "00" + "00" + "00",
        "stop, port 1" => "05" + "0000" + "03" + "00" + "00" + "01",
        "stop, stream 4" => "05" + "0000" + "04" + "00" + "00" + "00",
        "a response" => "06" + "0000" + "03" + "00" + "00" + "00",
        "unknown" => "07" + "0000" + "03" + "00" + "00" + "00",
        "nothing" => "",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such row"),
    });
}
