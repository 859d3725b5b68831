using System.Globalization;
using System.Text;

namespace TeeIo.Benchmarks;

/// <summary>Specs of made-up ioctl devices, each with its own calls and records.</summary>
internal static class SpecCorpus
{
    /// <summary>The file <paramref name="index"/> after <paramref name="edit"/> edits of its docs.</summary>
    public static MemoryText File(int index, int calls, int edit)
    {
        string name = $"device{index.ToString(CultureInfo.InvariantCulture)}";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            abi: {{name}}
            kind: ioctl
            namespace: Corpus.Device{{index}}
            doc: A device of the corpus.
            source: the benchmark
            status: model
            sides: { client: user, server: kernel }
            framing: { type: 0xAB }
            objects: { file: { class: Device{{index}}File, doc: a device file } }
            ids:
              {{name}}_id: { doc: what the device hands out }
            enums:
              {{name}}_mode:
                doc: How it works.
                values:
                  SLOW: { value: 0, doc: slowly }
                  FAST: { value: 1, doc: fast }
            structs:

            """);
        for (int call = 0; call < calls; call++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                  {{name}}_do{{call}}:
                    doc: Does thing {{call}}.
                    fields:
                      - { name: id,     type: {{name}}_id,   doc: which }
                      - { name: mode,   type: {{name}}_mode, doc: how }
                      - { name: length, type: u64, doc: how much (edit {{edit}}) }
                      - { name: done,   type: u64, dir: out, doc: how much was done }

                """);
        }

        text.AppendLine("calls:");
        for (int call = 0; call < calls; call++)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name.ToUpperInvariant()}_DO{call}: {{ nr: {call}, arg: {name}_do{call}, doc: Does thing {call}., errors: {{ EINVAL: no such thing }} }}");
        return new MemoryText($"specs/{name}.abi.yaml", text.ToString());
    }
}
