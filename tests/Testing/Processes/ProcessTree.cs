using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Tutti.Testing;

/// <summary>Who started whom, read from <c>/proc</c>; empty where there is no <c>/proc</c>.</summary>
public static class ProcessTree
{
    /// <summary>A process, told apart from a later one with the same id by its start time (clock ticks since boot).</summary>
    public readonly record struct Member(int Id, long StartedAt);

    /// <summary>Every living process started by the process, directly or through others.</summary>
    public static IReadOnlyList<Member> Below(int process)
    {
        if (!Directory.Exists("/proc"))
            return [];
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Entry>()
            .ToLookup(entry => entry.Parent);
        List<Member> found = [];
        Queue<int> parents = new([process]);
        while (parents.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child.Member);
                parents.Enqueue(child.Member.Id);
            }
        }
        return found;
    }

    /// <summary>Whether the very process still runs; one that ended and waits for its parent to notice does not.</summary>
    public static bool IsAlive(Member member) => Read(member.Id) is { Ended: false } entry && entry.Member == member;

    /// <summary>The process with this id, if it runs.</summary>
    public static Member? Find(int process) => Read(process) is { Ended: false } entry ? entry.Member : null;

    /// <summary>SIGKILL, if the very process still runs.</summary>
    public static void Kill(Member member)
    {
        if (!IsAlive(member))
            return;
        try
        {
            using var process = Process.GetProcessById(member.Id);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception && !IsAlive(member))
        {
            // It ended by itself in between, which is what was wanted.
        }
    }

    private static Entry? Read(int process)
    {
        string line;
        try
        {
            line = File.ReadAllText($"/proc/{process}/stat");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        // The name stands in parentheses and may hold spaces: count from behind it. Fields as numbered in proc(5), from 3 on.
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return new Entry(
            new Member(process, long.Parse(fields[22 - 3], CultureInfo.InvariantCulture)),
            int.Parse(fields[4 - 3], CultureInfo.InvariantCulture),
            fields[0] is "Z" or "X");
    }

    private sealed record Entry(Member Member, int Parent, bool Ended);
}
