using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>What both ends settle on: versions, algorithms, transports and the form of records. Whatever it is, a session works.</summary>
public sealed class SpdmSuiteTests
{
    [Theory]
    [InlineData(0x11)]
    [InlineData(0x12)]
    [InlineData(0x13)]
    [InlineData(0x14)]
    public void Each_version_brings_up_a_session(byte version)
    {
        SpdmPair pair = Works(new SpdmRequesterOptions { Versions = [version] }, SpdmPair.Usual with { Versions = [version] });
        Assert.Equal((version, version), (pair.Requester.Suite!.Version, pair.Responder.Suite!.Version));
    }

    [Fact]
    public void The_highest_version_that_both_ends_speak_counts()
    {
        SpdmPair pair = Works(
            new SpdmRequesterOptions { Versions = [SpdmConstants.Version11, SpdmConstants.Version12, SpdmConstants.Version14] },
            SpdmPair.Usual with { Versions = [SpdmConstants.Version11, SpdmConstants.Version12, SpdmConstants.Version13] });
        Assert.Equal(SpdmConstants.Version12, pair.Requester.Suite!.Version);
    }

    [Fact]
    public void Ends_without_a_common_version_do_not_connect()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { Versions = [SpdmConstants.Version14] });
        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal((DeviceFailure.BadSpdm, "the responder speaks 00120013, and this end 14"), (pair.Last.Failure, pair.Last.Detail));
    }

    [Theory]
    [InlineData(BaseAsym.EcdsaP256, BaseHash.Sha256, DheGroup.Secp256R1, AeadSuite.Aes256Gcm)]
    [InlineData(BaseAsym.EcdsaP384, BaseHash.Sha384, DheGroup.Secp384R1, AeadSuite.Aes256Gcm)]
    [InlineData(BaseAsym.EcdsaP521, BaseHash.Sha512, DheGroup.Secp521R1, AeadSuite.Aes128Gcm)]
    [InlineData(BaseAsym.EcdsaP256, BaseHash.Sha384, DheGroup.Secp384R1, AeadSuite.Chacha20Poly1305)]
    [InlineData(BaseAsym.Rsapss2048, BaseHash.Sha256, DheGroup.Secp256R1, AeadSuite.Aes256Gcm)]
    [InlineData(BaseAsym.Rsassa2048, BaseHash.Sha384, DheGroup.Secp384R1, AeadSuite.Aes256Gcm)]
    public void Each_set_of_algorithms_brings_up_a_session(BaseAsym signature, BaseHash hash, DheGroup group, AeadSuite cipher)
    {
        SpdmAlgorithmSet set = SpdmAlgorithmSet.All with { Signatures = signature, Hashes = hash, Groups = group, Ciphers = cipher };
        SpdmSuite suite = Works(new SpdmRequesterOptions { Algorithms = set }, SpdmPair.Usual with { Algorithms = SpdmAlgorithmSet.All }, signature).Requester.Suite!;
        Assert.Equal((signature, hash, group, cipher), (suite.Signature!.Algorithm, suite.Hash.Algorithm, suite.Group!.Algorithm, suite.Cipher));
    }

    [Fact]
    public void The_responder_chooses_the_strongest_that_both_ends_are_willing_to_use()
    {
        SpdmSuite suite = Works(new SpdmRequesterOptions { Algorithms = SpdmAlgorithmSet.All }, SpdmPair.Usual).Requester.Suite!;
        Assert.Equal("SPDM 1.3, SHA384, EcdsaP384, Secp384R1, Aes256Gcm", suite.ToString());
    }

    [Fact]
    public void Ends_without_a_common_algorithm_do_not_connect()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { Algorithms = SpdmAlgorithmSet.Tdisp with { Groups = DheGroup.Secp521R1 } });
        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal((DeviceFailure.BadSpdm, SpdmErrorCode.InvalidRequest), (pair.Last.Failure, pair.Requester.ErrorCode));
    }

    public static TheoryData<string, bool> Transports
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string name in new[] { "DOE", "MCTP", "TCP" })
            {
                data.Add(name, false);
                data.Add(name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void Each_transport_carries_encrypted_records_and_authenticated_ones(string transport, bool isAuthenticatingOnly)
    {
        SpdmBinding binding = transport switch { "DOE" => SpdmBinding.PciDoe, "MCTP" => SpdmBinding.Mctp, _ => SpdmBinding.Tcp };
        SpdmPair pair = Works(
            new SpdmRequesterOptions { Binding = binding, IsAuthenticatingOnly = isAuthenticatingOnly }, SpdmPair.Usual with { Binding = binding, IsAuthenticatingOnly = isAuthenticatingOnly });
        byte[] secret = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        byte[] packet = pair.Requester.Seal(PciProtocol.Tdisp, secret);

        Assert.Equal(isAuthenticatingOnly, packet.AsSpan().IndexOf(secret) >= 0);
        packet[binding.HeaderSize + 40] ^= 1;
        Assert.Empty(pair.Answer(packet));
        Assert.False(pair.Responder.HasSession);
    }

    [Fact]
    public void Records_are_encrypted_only_where_both_ends_can()
    {
        SpdmPair pair = Works(new SpdmRequesterOptions { IsAuthenticatingOnly = true }, SpdmPair.Usual);
        byte[] plain = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.True(pair.Requester.Seal(PciProtocol.Tdisp, plain).AsSpan().IndexOf(plain) >= 0);
    }

    /// <summary>Connects, sends messages of several sizes through the session, and has it live.</summary>
    private static SpdmPair Works(SpdmRequesterOptions requester, SpdmResponderOptions responder, BaseAsym algorithm = BaseAsym.EcdsaP384)
    {
        SpdmPair pair = new SpdmPair(requester, responder, algorithm).Connected();
        Assert.Equal(pair.Chain, pair.Requester.Certificates.ToArray());
        Assert.Equal(pair.Blocks, pair.Requester.Measurements.ToArray());
        foreach (int length in new[] { 1, 2, 3, 4, 5, 1000 }) Assert.Equal(length, pair.Echo(new byte[length]).Length);
        pair.Does(pair.Requester.Heartbeat);
        pair.Does(pair.Requester.UpdateKeys);
        Assert.Equal([7], pair.Echo(7));
        return pair;
    }
}
