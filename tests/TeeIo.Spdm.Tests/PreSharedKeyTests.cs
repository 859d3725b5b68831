using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests;

/// <summary>Known answers of a session from a shared key: what DMTF's spdm-emu (85436d5, with libspdm 1e16c60) wrote of its own keys in a run with SPDM 1.4 and SHA-384.</summary>
public sealed class PreSharedKeyTests
{
    private const string Since13 = "83597efed2289c01c4e62677d1665e269a220aee9247b15b2ca72bda07a3ebfc770600487c3358224034f02d627ca97e";
    private static readonly byte[] s_shared = [.. "TestPskData\0"u8];

    [Theory]
    [InlineData(SpdmConstants.Version11, "91fbda7e6788022587660ddb807f5dd82f023377f888afe7bd2808348dc00292e009232334f6017a59a6567b0c860e07")]
    [InlineData(SpdmConstants.Version12, "91fbda7e6788022587660ddb807f5dd82f023377f888afe7bd2808348dc00292e009232334f6017a59a6567b0c860e07")]
    [InlineData(SpdmConstants.Version13, Since13)]
    [InlineData(SpdmConstants.Version14, Since13)]
    public void The_handshakes_secret_comes_from_the_shared_key_with_its_own_salt(int version, string secret) =>
        Assert.Equal(secret, Convert.ToHexStringLower(new SpdmKeySchedule(SpdmHash.Sha384, (byte)version).HandshakeSecret(s_shared, isPreShared: true)));

    [Fact]
    public void The_responders_proof()
    {
        SpdmKeySchedule keys = new(SpdmHash.Sha384, SpdmConstants.Version14);
        byte[] th1 = Convert.FromHexString("760d8b5697c25c1ef48af221181f6e70df4c716c3a45bf53bae4abc66e1b67afb5a413daa379c00715bc6ee870d2a5bd");
        byte[] direction = keys.HandshakeDirection(Convert.FromHexString(Since13), isRequest: false, th1);
        Assert.Equal("9533c62007b30cf6f59eece8e24a1f1f126854b8f3518ee82356a0d07e1c912c88296a3483d4d17ec994d188be8afc31", Convert.ToHexStringLower(keys.VerifyData(direction, th1)));
    }
}
