using System.Collections.Generic;
using System.Linq;

namespace TeeIo.Abi.Layout;

/// <summary>Orders things after what they depend on. Iterative: a chain may be as long as a file.</summary>
internal static class Topology
{
    /// <summary>The order of <paramref name="nodes"/> (by their numbers) and, apart, those that lie on a cycle or behind one.</summary>
    public static (IReadOnlyList<int> Order, IReadOnlyList<int> Stuck) Sort(int nodes, IReadOnlyList<IReadOnlyList<int>> dependencies)
    {
        List<int>[] dependents = Enumerable.Range(0, nodes).Select(_ => new List<int>()).ToArray();
        int[] open = new int[nodes];
        for (int i = 0; i < nodes; i++)
        {
            open[i] = dependencies[i].Count;
            foreach (int dependency in dependencies[i]) dependents[dependency].Add(i);
        }

        List<int> order = Enumerable.Range(0, nodes).Where(i => open[i] == 0).ToList();
        for (int next = 0; next < order.Count; next++)
        {
            foreach (int dependent in dependents[order[next]])
            {
                if (--open[dependent] == 0) order.Add(dependent);
            }
        }

        return (order, Enumerable.Range(0, nodes).Where(i => open[i] > 0).ToList());
    }

    /// <summary>Of the stuck ones, those that lie on a cycle: the rest only waits for them.</summary>
    public static IReadOnlyList<int> OnCycles(IReadOnlyList<int> stuck, IReadOnlyList<IReadOnlyList<int>> dependencies)
    {
        HashSet<int> left = new(stuck);
        Dictionary<int, int> waiting = stuck.ToDictionary(i => i, _ => 0);
        foreach (int i in stuck)
        {
            foreach (int d in dependencies[i].Where(left.Contains)) waiting[d]++;
        }

        Queue<int> free = new(stuck.Where(i => waiting[i] == 0));
        while (free.Count > 0)
        {
            int i = free.Dequeue();
            left.Remove(i);
            foreach (int d in dependencies[i].Where(left.Contains))
            {
                if (--waiting[d] == 0) free.Enqueue(d);
            }
        }

        return stuck.Where(left.Contains).ToList();
    }
}
