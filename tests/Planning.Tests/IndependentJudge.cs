using System.Diagnostics;
using System.Globalization;

namespace Tutti.Planning.Tests;

/// <summary>check-plan.py in one process for many plans.</summary>
internal sealed class IndependentJudge : IDisposable
{
    private const string Driver = """
        import contextlib, importlib.util, io, json, sys, types
        spec = importlib.util.spec_from_file_location("judge", sys.argv[1])
        judge = importlib.util.module_from_spec(spec); spec.loader.exec_module(judge)
        judge.open = lambda given: given
        judge.json = types.SimpleNamespace(load=lambda given: given)
        instance = None
        for line in sys.stdin:
            given = json.loads(line)
            if "horizon" in given:
                instance = given
                continue
            said = io.StringIO()
            with contextlib.redirect_stdout(said): code = judge.main(instance, given)
            first = said.getvalue().split()
            print(code, first[1], "|", said.getvalue().replace("\n", ";"), flush=True)
        """;

    private readonly Process process;

    public IndependentJudge(string judge)
    {
        process = Process.Start(new ProcessStartInfo("python3", ["-c", Driver, judge]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("python3 did not start.");
    }

    public void Take(string instance) => process.StandardInput.WriteLine(instance.ReplaceLineEndings(" "));

    public (bool Legal, long Objective, string Words) Judge(string plan)
    {
        process.StandardInput.WriteLine(plan.ReplaceLineEndings(" "));
        process.StandardInput.Flush();
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The independent judge has ended.");
        var words = line.Split(' ');
        return (words[0] == "0", long.Parse(words[1], CultureInfo.InvariantCulture), line);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
