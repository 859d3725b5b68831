using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TeeIo.Abi.Tests;

/// <summary>Sees a spec as an editor's schema check does: plain scalars are numbers and booleans where they look like it.</summary>
internal static class YamlToJson
{
    public static string Convert(string yaml)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(yaml));
        return Node(stream.Documents[0].RootNode)!.ToJsonString();
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Node(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Node)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value!),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonValue Plain(string text)
    {
        if (text is "true" or "false") return JsonValue.Create(text == "true");
        if (text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)) return Integer(hex, text);
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) return Integer(number, text);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double real) ? JsonValue.Create(real) : JsonValue.Create(text);
    }

    // The validator has no integers above those of 63 bits.
    private static JsonValue Integer(ulong number, string text) => number <= long.MaxValue ? JsonValue.Create(number) : JsonValue.Create(text);
}
