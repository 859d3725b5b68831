using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace TeeIo.Generator.Tests;

/// <summary>The keys of the spec language by its schema, as <c>call.returns</c>, and the words to choose from under a key, as <c>call.returns=fd</c>.</summary>
internal sealed class SpecKeys(string schema)
{
    // Every item may have these, and they mean the same everywhere.
    private static readonly string[] s_everywhere = ["doc", "source", "status", "since", "until", "generation"];

    // One integer is like another, as is a register.
    private static readonly string[] s_alike = ["type", "reg"];

    private readonly JsonElement _schema = JsonDocument.Parse(schema).RootElement;

    /// <summary>All that there are.</summary>
    public SortedSet<string> All()
    {
        SortedSet<string> all = new(StringComparer.Ordinal);
        HashSet<string> seen = [];
        Declare(_schema, "", all, seen);
        return all;
    }

    /// <summary>Those that <paramref name="spec"/> uses.</summary>
    public IEnumerable<string> In(string spec)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(spec));
        HashSet<string> used = [];
        Use(_schema, "", stream.Documents[0].RootNode, used);
        return used;
    }

    private void Declare(JsonElement node, string owner, SortedSet<string> all, HashSet<string> seen)
    {
        foreach (JsonElement alternative in Alternatives(node, ref owner))
        {
            string own = owner;
            JsonElement type = Resolve(alternative, ref own);
            foreach (string word in Words(type)) AddWord(all, own, word);
            if (type.TryGetProperty("items", out JsonElement items)) Declare(items, own, all, seen);
            if (TakesOthers(type)) Declare(type.GetProperty("additionalProperties"), own, all, seen);
            if (!type.TryGetProperty("properties", out JsonElement properties) || !seen.Add(own)) continue;
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                all.Add(Name(own, property.Name));
                Declare(property.Value, Name(own, property.Name), all, seen);
            }
        }
    }

    private void Use(JsonElement node, string owner, YamlNode value, HashSet<string> used)
    {
        foreach (JsonElement alternative in Alternatives(node, ref owner))
        {
            string own = owner;
            JsonElement type = Resolve(alternative, ref own);
            if (!Fits(type, value)) continue;
            if (value is YamlScalarNode { Value: { } text } && Words(type).Contains(text)) AddWord(used, own, text);
            if (value is YamlSequenceNode list && type.TryGetProperty("items", out JsonElement items))
            {
                foreach (YamlNode item in list) Use(items, own, item, used);
            }

            if (value is YamlMappingNode map)
            {
                foreach ((string key, YamlNode item) in map.Select(e => (((YamlScalarNode)e.Key).Value!, e.Value)))
                {
                    if (type.TryGetProperty("properties", out JsonElement properties) && properties.TryGetProperty(key, out JsonElement property))
                    {
                        used.Add(Name(own, key));
                        Use(property, Name(own, key), item, used);
                    }
                    else if (TakesOthers(type))
                    {
                        Use(type.GetProperty("additionalProperties"), own, item, used);
                    }
                }
            }

            return;
        }
    }

    // A definition owns its keys under its own name, whoever refers to it; what is defined in place goes by the key that leads there.
    private JsonElement Resolve(JsonElement node, ref string owner)
    {
        while (true)
        {
            if (node.TryGetProperty("allOf", out JsonElement all))
            {
                node = all[0];
            }
            else if (node.TryGetProperty("$ref", out JsonElement reference))
            {
                string name = reference.GetString()!.Split('/')[^1];
                node = _schema.GetProperty("definitions").GetProperty(name);
                if (node.TryGetProperty("properties", out _)) owner = name;
            }
            else
            {
                return node;
            }
        }
    }

    private List<JsonElement> Alternatives(JsonElement node, ref string owner)
    {
        node = Resolve(node, ref owner);
        return node.TryGetProperty("anyOf", out JsonElement any) ? [.. any.EnumerateArray().OrderBy(Breadth)] : [node];
    }

    // Words come before what takes any text, and a map with few keys before one that has more.
    private int Breadth(JsonElement node)
    {
        string owner = "";
        JsonElement type = Resolve(node, ref owner);
        return type.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().Count() : type.TryGetProperty("enum", out _) ? 0 : 1;
    }

    private static bool Fits(JsonElement type, YamlNode value) => value switch
    {
        YamlMappingNode map => TakesOthers(type) || (type.TryGetProperty("properties", out JsonElement properties) && map.Children.Keys.All(k => properties.TryGetProperty(((YamlScalarNode)k).Value!, out _))),
        YamlSequenceNode => type.TryGetProperty("items", out _),
        YamlScalarNode scalar => !type.TryGetProperty("enum", out _) || Words(type).Contains(scalar.Value),
        _ => false,
    };

    private static bool TakesOthers(JsonElement type) => type.TryGetProperty("additionalProperties", out JsonElement others) && others.ValueKind == JsonValueKind.Object;

    private static IEnumerable<string> Words(JsonElement type) => type.TryGetProperty("enum", out JsonElement words) ? words.EnumerateArray().Select(w => w.GetString()!) : [];

    private static void AddWord(ISet<string> keys, string key, string word)
    {
        if (!s_alike.Contains(key.Split('.')[^1])) keys.Add($"{key}={word}");
    }

    private static string Name(string owner, string key) => owner.Length == 0 || s_everywhere.Contains(key) ? key : $"{owner}.{key}";
}
