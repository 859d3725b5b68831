using System.Text.Json;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>Reads the syntax tree that clang writes as JSON. Clang leaves out a place's file and line where they are those of the place before, so places count in the text's order.</summary>
internal sealed class ClangTree
{
    private const int DeepestNesting = 1000;
    private string _file = "";
    private int _line;

    private ClangTree()
    {
    }

    /// <summary>The declarations of a translation unit.</summary>
    /// <exception cref="JsonException">It isn't clang's JSON.</exception>
    public static IReadOnlyList<ClangNode> Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestNesting });
        return new ClangTree().Node(document.RootElement).Children;
    }

    private ClangNode Node(JsonElement element)
    {
        (string file, int line) = ("", 0);
        List<ClangNode> children = [];
        foreach (JsonProperty property in element.EnumerateObject())
        {
            switch (property.Name)
            {
                case "loc":
                    (file, line) = Place(property.Value);
                    break;
                case "range":
                    foreach (JsonProperty end in property.Value.EnumerateObject()) Place(end.Value);
                    break;
                case "inner":
                    foreach (JsonElement child in property.Value.EnumerateArray()) children.Add(Node(child));
                    break;
            }
        }

        JsonElement type = element.TryGetProperty("type", out JsonElement t) ? t : default;
        string written = Text(type, "qualType") ?? "";
        return new ClangNode(
            Text(element, "kind") ?? "", Text(element, "name"), Text(element, "tagUsed"), written, Text(type, "desugaredQualType") ?? written, element.TryGetProperty("completeDefinition", out _),
            element.TryGetProperty("isBitfield", out _), file, line, children);
    }

    // What a macro brought has two places; the second is where the macro is used.
    private (string File, int Line) Place(JsonElement place)
    {
        if (!place.TryGetProperty("expansionLoc", out JsonElement used)) return Note(place);
        Note(place.GetProperty("spellingLoc"));
        return Note(used);
    }

    private (string File, int Line) Note(JsonElement place)
    {
        if (Text(place, "file") is { } file) _file = file;
        if (place.TryGetProperty("line", out JsonElement line)) _line = line.GetInt32();
        return place.TryGetProperty("col", out _) ? (_file, _line) : ("", 0);
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
