using System.Collections.Generic;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>sequences</c>.</summary>
internal static class SequenceReader
{
    public static EquatableArray<Sequence> Read(MapReader spec, Provenance outer)
    {
        List<Sequence> sequences = new();
        foreach ((string name, MapReader body) in spec.Items("sequences", "sequence"))
        {
            List<SequenceStep> steps = new();
            foreach (MapReader step in body.List("steps", "step"))
            {
                steps.Add(new SequenceStep(step.RequiredName("call", "name the call"), step.Text("if"), step.Text("repeat"), step.Text("doc") ?? ""));
                step.Close();
            }

            if (steps.Count == 0) body.Missing("steps", "list its calls");
            sequences.Add(new Sequence(name, new(steps), ProvenanceReader.Read(body, outer)));
            body.Close();
        }

        return new(sequences);
    }
}
