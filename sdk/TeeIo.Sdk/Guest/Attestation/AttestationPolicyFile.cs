using System.Collections;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TeeIo.Guest.Attestation.Text;

namespace TeeIo.Guest.Attestation;

/// <summary>A policy as a file: JSON with the names of <see cref="AttestationPolicy"/>'s properties, bytes in hex, roots as PEM files or as PEM. What isn't known, stands twice or is of a wrong kind is an error.</summary>
public static class AttestationPolicyFile
{
    private const string PathRemark = " Path: ";

    /// <summary>Reads a file. The files that it names lie beside it, where they have no whole path.</summary>
    /// <exception cref="AttestationPolicyException">It can't be read, or isn't a policy; the message says where and why.</exception>
    public static AttestationPolicy Read(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttestationPolicyException($"{path} can't be read: {e.Message}", e);
        }

        return Parse(text, path, name => File.ReadAllText(Path.Combine(folder, name)));
    }

    /// <summary>Reads a policy.</summary>
    /// <param name="text">JSON in UTF-8.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="readFile">Gives the content of a PEM file that it names.</param>
    /// <exception cref="AttestationPolicyException">It isn't a policy; the message says where and why.</exception>
    public static AttestationPolicy Parse(ReadOnlySpan<byte> text, string name, Func<string, string> readFile)
    {
        ArgumentNullException.ThrowIfNull(readFile);
        JsonSerializerOptions options = new(PolicyJson.Default.Options);
        options.Converters.Add(new RootConverter(readFile));
        try
        {
            if (text.StartsWith(Encoding.UTF8.Preamble)) text = text[Encoding.UTF8.Preamble.Length..];
            return JsonSerializer.Deserialize(text, (JsonTypeInfo<PolicyText>)options.GetTypeInfo(typeof(PolicyText)))?.ToPolicy() ?? throw new JsonException("'null' is no policy");
        }
        catch (JsonException e)
        {
            string problem = e.Message.Split(PathRemark)[0].Split(" LineNumber: ")[0].TrimEnd(' ', '|');
            throw new AttestationPolicyException($"{name}({e.LineNumber + 1},{e.BytePositionInLine + 1}): {e.Path ?? "$"}: {problem}", e);
        }
    }

    /// <summary>Writes a policy, with its roots as PEM.</summary>
    public static byte[] Write(AttestationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        JsonSerializerOptions options = new(PolicyJson.Default.Options)
        {
            // For a file, not for a web page: PEM stays legible.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = PolicyJson.Default.WithAddedModifier(LeaveOutEmptyLists),
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(PolicyText.Of(policy), (JsonTypeInfo<PolicyText>)options.GetTypeInfo(typeof(PolicyText))), (byte)'\n'];
    }

    /// <summary>An empty list is as good as none, but for the report's requirements, which then are the least ones, and the roots, which somebody has to fill in.</summary>
    private static void LeaveOutEmptyLists(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.Name is not ("requires" or "roots")) property.ShouldSerialize = static (_, value) => value is not (null or false or IList { Count: 0 });
        }
    }
}
