namespace Tutti.Reduction.Numerics;

/// <summary>How many components a kernel keeps in registers; a constant to the compiler, so that unused ones cost nothing.</summary>
internal interface IPanel
{
    static abstract int Width { get; }
}

/// <summary>One component.</summary>
internal readonly struct Panel1 : IPanel
{
    public static int Width => 1;
}

/// <summary>Two components.</summary>
internal readonly struct Panel2 : IPanel
{
    public static int Width => 2;
}

/// <summary>Three components.</summary>
internal readonly struct Panel3 : IPanel
{
    public static int Width => 3;
}

/// <summary>Four components.</summary>
internal readonly struct Panel4 : IPanel
{
    public static int Width => 4;
}

/// <summary>Five components.</summary>
internal readonly struct Panel5 : IPanel
{
    public static int Width => 5;
}
