using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that the calls of sequences are there.</summary>
internal static class SequenceChecker
{
    public static void Check(CheckScope scope)
    {
        foreach (Sequence sequence in scope.Spec.Sequences)
        {
            for (int i = 0; i < sequence.Steps.Count; i++)
            {
                string call = sequence.Steps[i].Call;
                if (call.Length > 0 && scope.Call(call) is null)
                    scope.ReportUnknown("call", call, scope.CallNames, "sequences", sequence.Name, "steps", i.ToString(CultureInfo.InvariantCulture), "call");
            }
        }
    }
}
