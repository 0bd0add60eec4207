using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tutti.Testing;

/// <summary>A started process that cannot outlive this one, in a session of its own so that Ctrl-C reaches only this one.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly BlockingCollection<Action> Starts = [];

    private readonly Process process;
    private readonly ProcessStart start;
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static ChildProcess()
    {
        // The parent-death signal belongs to the thread that forked: a pool thread may end and would take the child with it.
        new Thread(() =>
        {
            foreach (var begin in Starts.GetConsumingEnumerable())
                begin();
        })
        { IsBackground = true, Name = "starts child processes" }.Start();
    }

    private bool disposed;

    private ChildProcess(Process process, ProcessStart start)
    {
        this.process = process;
        this.start = start;
        Id = process.Id;
        process.Exited += (_, _) => exited.TrySetResult();
        process.EnableRaisingEvents = true;
        Leftovers.Add(this);
    }

    public int Id { get; }

    /// <summary>Ends when the process has ended.</summary>
    public Task Exited => exited.Task;

    public bool HasExited => disposed || process.HasExited;

    /// <summary>128 + the signal's number where a signal ended it.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>User and system time since the start; zero once the process has ended.</summary>
    public TimeSpan CpuTime => Read(() => process.TotalProcessorTime);

    /// <summary>Resident memory in bytes; zero once the process has ended.</summary>
    public long ResidentBytes => Read(() => process.WorkingSet64);

    public static async Task<ChildProcess> StartAsync(ProcessStart start)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(start.Log) ?? ".");
        var info = Command(start);
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                var process = Process.Start(info) ?? throw new InvalidOperationException($"{start.Name} was not started.");
                started.SetResult(new ChildProcess(process, start));
            }
            catch (Exception refused) when (refused is Win32Exception or InvalidOperationException)
            {
                started.SetException(refused);
            }
        });
        return await started.Task;
    }

    /// <summary>Runs a program to its end; throws with the end of its output if it fails or takes too long.</summary>
    public static async Task RunAsync(ProcessStart start, TimeSpan timeout, CancellationToken cancellation = default)
    {
        await using var run = await StartAsync(start);
        try
        {
            await run.Exited.WaitAsync(timeout, cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{start.Name} did not end within {timeout.TotalSeconds:0} s. Its last words:\n{run.LastLines()}");
        }
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"{start.Name} ended with exit code {run.ExitCode}. Its last words:\n{run.LastLines()}");
    }

    /// <summary>Sends a signal; nothing happens if the process has already ended.</summary>
    public void Send(Signal signal)
    {
        if (HasExited)
            return;
        if (signal is Signal.Kill)
            process.Kill();
        else if (Kill(Id, (int)signal) != 0 && !process.HasExited)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{start.Name} ({Id}) could not be sent {signal}.");
    }

    /// <summary>SIGKILL to the process and to everything it started, and waits until all are gone.</summary>
    public async Task KillAsync()
    {
        var family = Family();
        Send(Signal.Kill);
        await Exited;
        foreach (var member in family)
            ProcessTree.Kill(member);
        await Poll.UntilAsync(
            () => !family.Any(ProcessTree.IsAlive), TimeSpan.FromSeconds(10), () => $"the processes below {start.Name} are gone");
    }

    /// <summary>Asks the process to end; what has not ended after <paramref name="timeout"/> is killed, and false returned.</summary>
    public async Task<bool> StopAsync(Signal signal, TimeSpan timeout)
    {
        var family = Family();
        Send(signal);
        var inTime = await Task.WhenAny(Exited, Task.Delay(timeout)) == Exited;
        if (!inTime)
            await KillAsync();
        await Poll.UntilAsync(
            () => !family.Any(ProcessTree.IsAlive), TimeSpan.FromSeconds(10), () => $"the processes below {start.Name} are gone");
        return inTime;
    }

    /// <summary>The end of what it wrote to standard output and error.</summary>
    public string LastLines(int lines = 60) => LogTail.Read(start.Log, lines);

    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        await KillAsync();
        Leftovers.Remove(this);
        disposed = true;
        process.Dispose();
    }

    /// <summary>For the end of this process, where nothing can be awaited.</summary>
    internal void EndNow()
    {
        Send(start.AtParentDeath);
        if (!process.WaitForExit(TimeSpan.FromSeconds(3)))
            Send(Signal.Kill);
    }

    private static string NameOf(Signal signal) => signal switch
    {
        Signal.Interrupt => "INT",
        Signal.Quit => "QUIT",
        Signal.Kill => "KILL",
        Signal.Terminate => "TERM",
    };

    private static ProcessStartInfo Command(ProcessStart start)
    {
        List<string> words = [];
        if (OperatingSystem.IsLinux())
        {
            // setpriv and setsid replace themselves by the program, so the process id stays the program's.
            words.AddRange(["setpriv", "--pdeathsig", NameOf(start.AtParentDeath)]);
            if (start.Account is { } account)
                words.AddRange([$"--reuid={account}", $"--regid={account}", "--clear-groups"]);
            words.AddRange(["--", "setsid"]);
        }
        words.Add(start.File);
        words.AddRange(start.Arguments);

        var info = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            WorkingDirectory = start.Folder ?? Directory.GetCurrentDirectory(),
            ArgumentList = { "-c", """log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null""", "sh", start.Log },
        };
        foreach (var word in words)
            info.ArgumentList.Add(word);
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        return info;
    }

    // Of an ended process the id may already be another's.
    private IReadOnlyList<ProcessTree.Member> Family() => HasExited ? [] : ProcessTree.Below(Id);

    private T Read<T>(Func<T> measure)
        where T : struct
    {
        if (HasExited)
            return default;
        process.Refresh();
        try
        {
            return measure();
        }
        catch (InvalidOperationException) when (process.HasExited)
        {
            // It ended between the question and the answer, which is the documented zero.
            return default;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
