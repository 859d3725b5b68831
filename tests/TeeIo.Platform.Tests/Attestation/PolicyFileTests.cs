using System.Text;
using TeeIo.Guest.Attestation;
using TeeIo.Platform.Devices;

namespace TeeIo.Platform.Tests.Attestation;

/// <summary>Policies as files: what is written is read again, and what is wrong has its line and place.</summary>
public sealed class PolicyFileTests
{
    private static readonly string s_digest = new('a', 96);

    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (AttestationPolicy policy in (AttestationPolicy[])[ModelReference.Policy, PolicyDraft.Of(ShownDevice.Evidence)])
        {
            byte[] text = AttestationPolicyFile.Write(policy);
            AttestationPolicy read = Parse(Encoding.UTF8.GetString(text));
            Assert.Equal(text, AttestationPolicyFile.Write(read));
            Assert.Null(read.Judge(ShownDevice.Evidence, TimeProvider.System));
        }
    }

    [Fact]
    public void A_draft_is_the_reference_of_model_devices() =>
        Assert.Equal(Encoding.UTF8.GetString(AttestationPolicyFile.Write(ModelReference.Policy)), Encoding.UTF8.GetString(AttestationPolicyFile.Write(PolicyDraft.Of(ShownDevice.Evidence))));

    [Fact]
    public void What_is_left_out_is_what_a_policy_in_code_has_by_default()
    {
        AttestationPolicy read = Parse("""{ "roots": [ROOT], "measurements": { "manifest": [] } }""");
        Assert.Equal((new AlgorithmRule().Hashes.Length, new AlgorithmRule().Signatures.Length), (read.Algorithms.Hashes.Length, read.Algorithms.Signatures.Length));
        Assert.Equal(new ReportRule().Requires, read.Report.Requires);
        Assert.Equal(DeviceModeRule.Required, read.Measurements.DeviceMode);
        Assert.Equal("measurements.allowsOthers", read.Judge(ShownDevice.Evidence, TimeProvider.System)?.Rule);
    }

    [Fact]
    public void Roots_are_files_beside_the_policy()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("teeio-policy");
        try
        {
            string policy = Path.Combine(folder.FullName, "policy.json");
            File.WriteAllText(policy, """{ "roots": ["root.pem"], "measurements": { "manifest": [], "allowsOthers": true } }""");
            Assert.StartsWith($"{policy}(1,23): $.roots[0]: the root's file 'root.pem' can't be read: ", Assert.Throws<AttestationPolicyException>(() => AttestationPolicyFile.Read(policy)).Message, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder.FullName, "root.pem"), ModelAuthority.Root.ExportCertificatePem());
            Assert.Null(AttestationPolicyFile.Read(policy).Judge(ShownDevice.Evidence, TimeProvider.System));
            File.WriteAllText(Path.Combine(folder.FullName, "root.pem"), "no PEM");
            Assert.Contains("there are 0", Assert.Throws<AttestationPolicyException>(() => AttestationPolicyFile.Read(policy)).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.StartsWith("no-such.json can't be read: ", Assert.Throws<AttestationPolicyException>(() => AttestationPolicyFile.Read("no-such.json")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "(1,1): $: ")]
    [InlineData("null", "$: 'null' is no policy")]
    [InlineData("[]", "(1,2): $: ")]
    [InlineData("{ \"roots\": [ROOT] }", "$: ")]
    [InlineData("{ \"roots\": [ROOT] }", "'measurements'")]
    [InlineData("{ \"roots\": [], \"measurements\": { \"manifest\": [] } }", "a policy without 'roots' trusts nobody")]
    [InlineData("{ \"roots\": [7], \"measurements\": { \"manifest\": [] } }", "$.roots[0]: a root is a text")]
    [InlineData("{ \"roots\": [\"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----\"], \"measurements\": { \"manifest\": [] } }", "$.roots[0]: the root isn't a certificate in PEM")]
    [InlineData("{ \"roots\": [ROOT],\n \"rules\": 1 }", "(2,")]
    [InlineData("{ \"roots\": [ROOT],\n \"rules\": 1 }", "'rules'")]
    [InlineData("{ \"roots\": [ROOT], \"roots\": [ROOT] }", "'roots'")]
    [InlineData("{ \"roots\": [ROOT], \"Measurements\": { \"manifest\": [] } }", "'Measurements'")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": null, \"device\": { \"name\": 1 } }", "$.device.name")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": null } }", "$.measurements")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"algorithms\": { \"hashes\": [\"Sha385\"] } }", "$.algorithms: 'Sha385' in 'hashes' isn't one of ")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"algorithms\": { \"signatures\": [] } }", "$.algorithms: without an algorithm nobody proves anything")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [], \"deviceMode\": \"required\" } }", "$.measurements: 'required' in 'deviceMode' isn't one of Required, IfReported, Ignored")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"requires\": [\"Ats, Prs\"] } }", "$.report: 'Ats, Prs' in 'requires' isn't one of ")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"forbids\": [\"NoUpdateAfterLock\"] } }", "$.report: NoUpdateAfterLock stands in 'requires' and in 'forbids'")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"digests\": [\"aa\"] } }", "$.report: a report's digest is SHA-384's, of 48 bytes; there is one of 1")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"deviceInfo\": [\"abc\"] } }", "$.report.deviceInfo[0]: 'abc' isn't hex")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"ranges\": [{ \"id\": 0, \"offset\": 0, \"pages\": 0 }] } }", "$.report.ranges[0]: a range has a page at least")]
    [InlineData("{ \"roots\": [ROOT], \"measurements\": { \"manifest\": [] }, \"report\": { \"ranges\": [{ \"id\": 70000, \"offset\": 0, \"pages\": 1 }] } }", "$.report.ranges[0].id")]
    public void A_wrong_policy_has_its_line_and_place(string text, string error) => Assert.Contains(error, Error(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"index\": 0, \"any\": true, \"type\": \"Version\"", "'index' is from 1 to 254, not 0")]
    [InlineData("\"index\": 255, \"any\": true, \"type\": \"Version\"", "'index' is from 1 to 254, not 255")]
    [InlineData("\"index\": 256, \"any\": true, \"type\": \"Version\"", ".index")]
    [InlineData("\"index\": 1, \"any\": true", "'type'")]
    [InlineData("\"index\": 1, \"type\": 1, \"any\": true", ".type")]
    [InlineData("\"index\": 1, \"type\": \"Firmware\", \"any\": true", "'Firmware' in 'type' isn't one of ImmutableRom, MutableFirmware, ")]
    [InlineData("\"index\": 1, \"type\": \"Version\"", "index 1 needs either 'any', or at least one of ")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"any\": true, \"values\": [\"01\"]", "index 1 needs either 'any', or at least one of ")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"leastVersion\": 1", "'leastVersion' is for SecureVersionNumber; index 1 is Version")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"digests\": [\"DIGEST\"]", "index 1 needs 'hash' and 'digests' together")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"hash\": \"Sha384\", \"values\": [\"01\"]", "index 1 needs 'hash' and 'digests' together")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"hash\": \"Sha256\", \"digests\": [\"DIGEST\"]", "a digest of Sha256 has 32 bytes; one of index 1 has 48")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"hash\": \"Sha384\", \"digests\": [\"\"]", "a digest of Sha384 has 48 bytes; one of index 1 has 0")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"hash\": \"Sm3256\", \"digests\": [\"DIGEST\"]", "this machine has no Sm3256; it has Sha384, ")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"hash\": \"Sha384\", \"digests\": [\"DIGESTx\"]", "isn't hex: two digits for each byte")]
    [InlineData("\"index\": 1, \"type\": \"Version\", \"values\": [\"0x01\"]", "'0x01' isn't hex")]
    public void A_wrong_reference_has_its_line_and_place(string entry, string error)
    {
        string found = Error($"{{\n\"roots\": [ROOT],\n\"measurements\": {{ \"manifest\": [\n{{ {entry.Replace("DIGEST", s_digest, StringComparison.Ordinal)} }}\n] }} }}");
        Assert.StartsWith("policy(4,", found, StringComparison.Ordinal);
        Assert.Contains("$.measurements.manifest[0]", found, StringComparison.Ordinal);
        Assert.Contains(error, found, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_stands_twice_is_told() =>
        Assert.Contains(
            "$.measurements: index 1 stands 2 times in 'manifest'",
            Error("""{ "roots": [ROOT], "measurements": { "manifest": [{ "index": 1, "type": "Version", "any": true }, { "index": 1, "type": "Version", "values": ["01"] }] } }"""),
            StringComparison.Ordinal);

    private static string Error(string text) => Assert.Throws<AttestationPolicyException>(() => Parse(text)).Message;

    private static AttestationPolicy Parse(string text) =>
        AttestationPolicyFile.Parse(Encoding.UTF8.GetBytes(text.Replace("ROOT", "\"model\"", StringComparison.Ordinal)), "policy", _ => ModelAuthority.Root.ExportCertificatePem());
}
