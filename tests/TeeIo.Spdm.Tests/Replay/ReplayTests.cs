using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Replay;

/// <summary>Lives that both ends once had, kept as text: whatever changes in what an end says, or in what it takes, shows here byte for byte. Signatures of .NET differ each time, so that the
/// requester hears the kept responses, and the responder the kept requests up to the first signature. A requester that signs itself says something else each time.</summary>
/// <remarks>After a change that is meant: <c>TEEIO_ACCEPT=1</c> writes them anew, as with other things that are reviewed.</remarks>
public sealed class ReplayTests
{
    private const int Seed = 20260101;
    private static readonly string s_folder = Path.Combine(
        typeof(ReplayTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "RepoRoot").Value!, "tests", "TeeIo.Spdm.Tests", "Replay");

    public static TheoryData<string> Lanes => [.. Lane.All.Where(lane => !lane.IsMutual).Select(lane => lane.Name)];

    [Theory]
    [MemberData(nameof(Lanes))]
    public void The_requester_says_again_what_it_said_and_takes_what_it_heard(string name)
    {
        (byte[][] requests, byte[][] responses) = Read(name);
        using Pair pair = Make(name);
        List<byte[]> sent = [];
        bool isGood = pair.Live(new Wire
        {
            Request = (_, packet) =>
            {
                sent.Add(packet);
                return null;
            },
            Response = (step, _) => responses[step],
        });

        Assert.True(isGood, $"step {sent.Count - 1}: {pair.Last.Failure}, {pair.Last.Detail}");
        Assert.Equal(requests.Select(Convert.ToHexString), sent.Select(Convert.ToHexString));
        Assert.Equal(Pair.Said, pair.Taken);
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void The_responder_answers_again_as_it_did_up_to_its_first_signature(string name)
    {
        (byte[][] requests, byte[][] responses) = Read(name);
        using Pair pair = Make(name);
        int header = Lane.Of(name).Binding.HeaderSize;
        int signed = Array.FindIndex(requests, request => request[header + 1] == (byte)SpdmMessage.Challenge);
        Assert.True(signed > 4, "the certificates come before it");
        for (int i = 0; i < signed; i++) Assert.Equal(Convert.ToHexString(responses[i]), Convert.ToHexString(pair.Responder.Answer(requests[i])));
    }

    private static (byte[][] Requests, byte[][] Responses) Read(string name)
    {
        string path = Path.Combine(s_folder, $"{name}.txt");
        if (Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1") Write(name, path);
        string[] lines = File.ReadAllLines(path);
        byte[][] of(char direction) => [.. lines.Where(line => line.StartsWith(direction)).Select(line => Convert.FromHexString(line.AsSpan(2)))];
        return (of('>'), of('<'));
    }

    private static void Write(string name, string path)
    {
        using Pair pair = Make(name);
        List<string> lines = ["# Both ends' packets in their order: > the requester's, < the responder's."];
        bool isGood = pair.Live(new Wire { Request = (_, packet) => Keep('>', packet), Response = (_, packet) => Keep('<', packet) });
        Assert.True(isGood, pair.Last.Detail);
        File.WriteAllLines(path, lines);

        byte[] Keep(char direction, byte[] packet)
        {
            lines.Add($"{direction} {Convert.ToHexString(packet)}");
            return packet;
        }
    }

    /// <summary>Ends whose keys, certificates and randomness are always the same.</summary>
    private static Pair Make(string name)
    {
        var lane = Lane.Of(name);
        bool isP384 = lane.Algorithms.Signatures.HasFlag(BaseAsym.EcdsaP384);
        string curve = isP384 ? "p384" : "p256";
        X509Certificate2 root = X509CertificateLoader.LoadCertificate(Der($"{curve}-root.pem"));
        X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(Der($"{curve}-device.pem"));
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(s_folder, $"{curve}-device.pem")).Split("-----END CERTIFICATE-----")[1]);
        SpdmPrivateKey signer = new(SpdmSignatureAlgorithm.Find(isP384 ? BaseAsym.EcdsaP384 : BaseAsym.EcdsaP256)!, key);
        return new Pair(lane, Seed, new SpdmSlot(0, [root.RawDataMemory, leaf.RawDataMemory], signer), new SpdmX509Verifier([root], TimeProvider.System));
    }

    private static byte[] Der(string file)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, file));
        return Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
    }
}
