using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tutti.Reduction.Numerics;

/// <summary>How many float64 values one instruction works on; the kernels are compiled once per width and kind of data.</summary>
internal interface ILanes<TVector>
{
    static abstract int Count { get; }

    /// <summary>How many components the registers hold beside four spectra.</summary>
    static abstract int PanelWidth { get; }

    static abstract TVector Load(ref readonly double source, nuint offset);

    /// <summary>Loads float64, or float32 widened.</summary>
    static abstract TVector LoadData<TData>(ref readonly TData source, nuint offset)
        where TData : unmanaged;

    static abstract void Store(TVector vector, ref double target, nuint offset);
    static abstract TVector Broadcast(double value);

    /// <summary>a b + c</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c - a b</summary>
    static abstract TVector MultiplySubtract(TVector a, TVector b, TVector c);

    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>One bit per lane where a lies below the limit.</summary>
    static abstract uint Below(TVector a, TVector limit);

    static abstract double Sum(TVector vector);
}

/// <summary>Eight values at a time.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => 8;
    public static int PanelWidth => 5;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(ref readonly double source, nuint offset) => Vector512.LoadUnsafe(in source, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadData<TData>(ref readonly TData source, nuint offset)
        where TData : unmanaged
    {
        if (typeof(TData) == typeof(double)) return Vector512.LoadUnsafe(ref Unsafe.As<TData, double>(ref Unsafe.AsRef(in source)), offset);
        var narrow = Vector256.LoadUnsafe(ref Unsafe.As<TData, float>(ref Unsafe.AsRef(in source)), offset);
        return Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Double(narrow)
            : Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> vector, ref double target, nuint offset) => vector.StoreUnsafe(ref target, offset);
    public static Vector512<double> Broadcast(double value) => Vector512.Create(value);
    public static Vector512<double> MultiplyAdd(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Vector512.FusedMultiplyAdd(a, b, c);
    public static Vector512<double> MultiplySubtract(Vector512<double> a, Vector512<double> b, Vector512<double> c) =>
        Vector512.FusedMultiplyAdd(-a, b, c);
    public static Vector512<double> Multiply(Vector512<double> a, Vector512<double> b) => a * b;
    public static Vector512<double> Max(Vector512<double> a, Vector512<double> b) => Vector512.Max(a, b);
    public static uint Below(Vector512<double> a, Vector512<double> limit) => (uint)Vector512.LessThan(a, limit).ExtractMostSignificantBits();
    public static double Sum(Vector512<double> vector) => Vector512.Sum(vector);
}

/// <summary>Four values at a time.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<double>>
{
    public static int Count => 4;
    public static int PanelWidth => 2;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(ref readonly double source, nuint offset) => Vector256.LoadUnsafe(in source, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LoadData<TData>(ref readonly TData source, nuint offset)
        where TData : unmanaged
    {
        if (typeof(TData) == typeof(double)) return Vector256.LoadUnsafe(ref Unsafe.As<TData, double>(ref Unsafe.AsRef(in source)), offset);
        var narrow = Vector128.LoadUnsafe(ref Unsafe.As<TData, float>(ref Unsafe.AsRef(in source)), offset);
        return Avx.IsSupported
            ? Avx.ConvertToVector256Double(narrow)
            : Vector256.Create(Vector128.WidenLower(narrow), Vector128.WidenUpper(narrow));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> vector, ref double target, nuint offset) => vector.StoreUnsafe(ref target, offset);
    public static Vector256<double> Broadcast(double value) => Vector256.Create(value);
    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);
    public static Vector256<double> MultiplySubtract(Vector256<double> a, Vector256<double> b, Vector256<double> c) =>
        Vector256.FusedMultiplyAdd(-a, b, c);
    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;
    public static Vector256<double> Max(Vector256<double> a, Vector256<double> b) => Vector256.Max(a, b);
    public static uint Below(Vector256<double> a, Vector256<double> limit) => Vector256.LessThan(a, limit).ExtractMostSignificantBits();
    public static double Sum(Vector256<double> vector) => Vector256.Sum(vector);
}
