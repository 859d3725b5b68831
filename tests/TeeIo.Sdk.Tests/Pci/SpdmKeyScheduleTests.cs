using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Known answers of a handshake of the DMTF's reference implementation, SPDM 1.4 with SHA-384 and AES-256-GCM.</summary>
public sealed class SpdmKeyScheduleTests
{
    private static readonly SpdmSuite s_suite =
        new(SpdmConstants.Version14, SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, SpdmGroup.Find(DheGroup.Secp384R1), AeadSuite.Aes256Gcm, SpdmHash.Sha384);

    private static readonly SpdmKeySchedule s_keys = new(SpdmHash.Sha384, SpdmConstants.Version14);
    private const string HandshakeSecret = "c3b062968bcd47bf75f85a30f1f1313a054ada3f079d33d7a87de46f260eb4387e0b49b2e742f076d76984edc9f8716b";
    private const string RequestSecret = "0e1f9a5c18dce4ec62d952f815ee2964c46253851e173df2c601109b1a36628a6b6bd1f364728d3998d05f1ca7e1595d";
    private const string MasterSecret = "41c3b3563dd18a5eb9e17b84def3883f5bfdff154026d73dd09c3a5a09e920723e17b8168e772c7149fa2cbe9396b962";
    private const string DataSecret = "29cca2069fab861abb8500765fbcd96213a9d1a55fdd65d334c473754c09a11b84e3829810e4278a7b4c4e7f8885ac20";
    private const string Th1 = "d9c45aedfa3a473215c23a31872e02a30ca5d3d92942d51b45c8f7358dbda65665b086e0bbb5e7eb82b28a18ac5d29a6";
    private const string Th2 = "6547071904767f3368dfa004ea9ea259e2e2df16bcc8796e5ed9732e03c49cbdadf0c89fb0428ca08ccb9aa9609d30d7";

    [Fact]
    public void Handshake_secret() => Is(
        HandshakeSecret, s_keys.HandshakeSecret(Hex("279affe86fc292f09113b353750c90623838a0b8db01bb590c06af402cff8e2c84d77b44346d9e79e85b20b2e614d51d")));

    [Fact]
    public void Handshake_directions()
    {
        Is(RequestSecret, s_keys.HandshakeDirection(Hex(HandshakeSecret), isRequest: true, Hex(Th1)));
        Is("15d4815bbb268541a6d1ce79a6b1c98519d5637f02b6be297856825c66b00859040122de350dd08f3fb0903cb1dd9935",
            s_keys.HandshakeDirection(Hex(HandshakeSecret), isRequest: false, Hex(Th1)));
    }

    [Fact]
    public void Key_and_iv()
    {
        Is("ae518b961adde56cb4ca792517f613ec6478d3c0585593e310677d3099718652", s_keys.Key(Hex(RequestSecret), AeadSuite.Aes256Gcm));
        Is("3e7c3c0f25990cb2df85d234", s_keys.Iv(Hex(RequestSecret)));
    }

    [Fact]
    public void Verify_data() => Is(
        "05bb6126f932c326494b8776d13626c33304ac4842908ed25ecd4fe52c9d80f2132c120d08a6c91abba43633345de2de",
        s_keys.VerifyData(Hex(RequestSecret), Hex("c70a02a99f0109153b2b969e1d30cbb44b85fc31b054c17195c19046e53ae429cafafdfcfe5e6a71005afd845c71da45")));

    [Fact]
    public void Master_secret_and_data_directions()
    {
        Is(MasterSecret, s_keys.MasterSecret(Hex(HandshakeSecret)));
        Is(DataSecret, s_keys.DataDirection(Hex(MasterSecret), isRequest: true, Hex(Th2)));
        Is("27b16e794b71188a0e0c1808fb111fbfcbf4d3e75bc97f1f71b5b4cf89caae102810f2dce2d79e86a899a6a5283b9751",
            s_keys.DataDirection(Hex(MasterSecret), isRequest: false, Hex(Th2)));
    }

    [Fact]
    public void Key_update()
    {
        byte[] next = s_keys.Update(Hex(DataSecret));

        Is("f07f177f179b39bff843b97b48945a7380986963c1b7d571f0b26350b297bf7d242c12c235bff8d35dd46856b20fc74d", next);
        Is("fc0447cf6f48405fd7f899f36f277d9a7971ff62fafd6ca744e79170d3e4ac35", s_keys.Key(next, AeadSuite.Aes256Gcm));
        Is("e0bdfd87d62a449c52b7f5d5", s_keys.Iv(next));
    }

    [Fact]
    public void Records()
    {
        SpdmRecords records = new(s_suite, IsEncrypted: true, SpdmBinding.PciDoe, new Random(1));
        using SpdmDirection sender = new(Hex(DataSecret), records);
        using SpdmDirection receiver = new(Hex(DataSecret), records);
        byte[] first = Seal(sender, Hex("14fe8000030002010002b20400000000000001"));
        Seal(sender, [0]);
        byte[] third = Seal(sender, Hex("14fe800003000201000000080000000004000000000001"));

        Is("ffffffff2500cf07cb7bf801dc3b08a06b0dc43d07e68e59ebcb236f25f2dd713216792ac92f9e9e3bd422", first);
        Is("ffffffff2900942f0d5a1d024bec07facb3a159b9d2ca7c24d00c2d431150d4aab78bfcca223af75df2e45394e6d67", third);
        byte[] padded = [.. first, 0, 0, 0]; // transport padding may follow
        Assert.True(receiver.TryOpen(uint.MaxValue, padded, new byte[padded.Length], out ReadOnlySpan<byte> message));
        Is("14fe8000030002010002b20400000000000001", message.ToArray());
    }

    private static byte[] Seal(SpdmDirection direction, byte[] message)
    {
        byte[] record = new byte[direction.RecordSize(message.Length)];
        return record[..direction.Seal(uint.MaxValue, message, record)];
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static void Is(string expected, byte[] actual) => Assert.Equal(expected, Convert.ToHexStringLower(actual));
}
